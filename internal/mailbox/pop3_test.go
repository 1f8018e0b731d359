package mailbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/mailer/smtp/smtptest"
)

// popServer is a POP3 server: it deletes at QUIT, and misbehaves as told.
type popServer struct {
	t        *testing.T
	listener net.Listener
	tls      *tls.Config
	implicit bool

	mu    sync.Mutex
	mails map[string]string // by id
	order []string
	talk  []string
	// without names commands that the server does not know; answer changes an answer.
	without string
	answer  map[string]string
}

func newPOPServer(t *testing.T, mails ...string) *popServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &popServer{t: t, listener: l, mails: map[string]string{}, answer: map[string]string{}}
	for i, m := range mails {
		s.add(fmt.Sprint("id", i+1), m)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *popServer) add(id, mail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails[id], s.order = mail, append(s.order, id)
}

// set changes the server between conversations.
func (s *popServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// left are the ids of its messages.
func (s *popServer) left() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.order)
}

func (s *popServer) box(marks Marks) POP3 {
	return POP3{Host: "127.0.0.1", Port: s.listener.Addr().(*net.TCPAddr).Port, Security: "none", Username: "bounces", Password: "secret", Marks: marks, Now: time.Now}
}

func (s *popServer) serve(c net.Conn) {
	defer func() { c.Close() }()
	s.mu.Lock()
	list, config, implicit, without := append([]string(nil), s.order...), s.tls, s.implicit, s.without
	s.mu.Unlock()
	if implicit {
		c = tls.Server(c, config)
	}
	r := bufio.NewReader(c)
	gone := map[string]bool{}
	fmt.Fprint(c, "+OK ready\r\n")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		word, arg, _ := strings.Cut(line, " ")
		s.mu.Lock()
		s.talk = append(s.talk, line)
		said, changed := s.answer[word]
		s.mu.Unlock()
		n := 0
		_, _ = fmt.Sscan(arg, &n)
		switch {
		case changed:
			fmt.Fprint(c, said)
			if said == "" {
				return
			}
		case strings.Contains(without, word):
			fmt.Fprint(c, "-ERR what?\r\n")
		case word == "CAPA":
			fmt.Fprint(c, "+OK\r\nUSER\r\nUIDL\r\n.\r\n")
		case word == "STLS":
			fmt.Fprint(c, "+OK\r\n")
			c = tls.Server(c, config)
			r.Reset(c)
		case word == "UIDL", word == "LIST":
			fmt.Fprint(c, "+OK\r\n")
			for i, id := range list {
				if word == "LIST" {
					id = "100"
				}
				fmt.Fprintf(c, "%d %s\r\n", i+1, id)
			}
			fmt.Fprint(c, ".\r\n")
		case word == "RETR":
			s.mu.Lock()
			text := s.mails[list[n-1]]
			s.mu.Unlock()
			fmt.Fprintf(c, "+OK\r\n%s\r\n.\r\n", strings.ReplaceAll("\n"+text, "\n.", "\n..")[1:])
		case word == "DELE":
			gone[list[n-1]] = true
			fmt.Fprint(c, "+OK\r\n")
		case word == "QUIT":
			s.mu.Lock()
			for id := range gone {
				delete(s.mails, id)
			}
			s.order = nil
			for _, id := range list {
				if !gone[id] {
					s.order = append(s.order, id)
				}
			}
			s.mu.Unlock()
			fmt.Fprint(c, "+OK bye\r\n")
			return
		default:
			fmt.Fprint(c, "+OK\r\n")
		}
	}
}

func TestAPOP3MailboxIsReadOnceByItsIDs(t *testing.T) {
	t.Parallel()
	s, k, marks := newPOPServer(t, "one", "a person", "fail", "four\n.\n..dots"), &taker{}, &memory{}
	box := s.box(marks)
	if err := box.Round(t.Context(), k.take); !errors.Is(err, errFail) {
		t.Error(err)
	}
	k.wants(t, "one", "a person", "four\n.\n..dots")
	s.set(func() { s.mails["id3"] = "three" })
	for range 2 {
		if err := box.Round(t.Context(), k.take); err != nil {
			t.Error(err)
		}
	}
	k.wants(t, "three")
	if s.left() != "[id1 id2 id3 id4]" || len(marks.all) != 4 {
		t.Errorf("left are %s, %d marks", s.left(), len(marks.all))
	}
}

// Messages that were read stay where nothing is deleted: those that come behind
// very many of them are read all the same.
func TestAPOP3MailboxThatIsFullOfOldMailIsReadAtItsEnd(t *testing.T) {
	t.Parallel()
	s := newPOPServer(t)
	for i := range maxListed {
		s.add(fmt.Sprint("old", i), "old")
	}
	s.add("new", "new")
	c, err := s.box(nil).connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.drop()
	list, err := c.list()
	if err != nil || len(list) != maxListed || list[0] != (popMessage{2, "old1"}) || list[maxListed-1] != (popMessage{maxListed + 1, "new"}) {
		t.Errorf("%d listed: %v", len(list), err)
	}
}

func TestAPOP3MessageIsDeletedOnceItWasTaken(t *testing.T) {
	t.Parallel()
	s, k, marks := newPOPServer(t, "one", "a person", "fail"), &taker{}, &memory{}
	box := s.box(marks)
	box.Delete = true
	if err := box.Round(t.Context(), k.take); !errors.Is(err, errFail) {
		t.Error(err)
	}
	k.wants(t, "one", "a person")
	if s.left() != "[id2 id3]" || len(marks.all) != 1 {
		t.Errorf("left are %v, marks %v", s.left(), marks.all)
	}
	// A server that dies before QUIT keeps the message: it comes again.
	s.set(func() { s.mails["id3"], s.answer["QUIT"] = "three", "" })
	if err := box.Round(t.Context(), k.take); err == nil {
		t.Error("a lost end is no mistake")
	}
	k.wants(t, "three")
	s.set(func() { delete(s.answer, "QUIT") })
	if err := box.Round(t.Context(), k.take); err != nil {
		t.Error(err)
	}
	k.wants(t, "three")
	if s.left() != "[id2]" {
		t.Errorf("left are %v", s.left())
	}
}

func TestAPOP3ServerWithoutUIDLOrCAPAIsRead(t *testing.T) {
	t.Parallel()
	s, k := newPOPServer(t, "one"), &taker{}
	s.set(func() { s.without = "UIDL CAPA" })
	box := s.box(&memory{})
	box.Delete = true
	if err := box.Round(t.Context(), k.take); err != nil {
		t.Error(err)
	}
	k.wants(t, "one")
	if s.left() != "[]" {
		t.Errorf("left are %v", s.left())
	}
	plain := newPOPServer(t, "two")
	plain.set(func() { plain.answer["CAPA"], plain.without = "+OK\r\nSASL LOGIN PLAIN\r\n.\r\n", "USER PASS" })
	if err := plain.box(&memory{}).Round(t.Context(), k.take); err != nil {
		t.Error(err)
	}
	k.wants(t, "two")
}

func TestAPOP3ConversationIsEncryptedOrRefused(t *testing.T) {
	t.Parallel()
	config, pool := serverTLS(t)
	for _, security := range []string{"tls", "starttls"} {
		s, k := newPOPServer(t, "one"), &taker{}
		s.set(func() { s.tls, s.implicit = config, security == "tls" })
		box := s.box(&memory{})
		box.Security = security
		if err := box.Round(t.Context(), k.take); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: a certificate that nobody knows: %v", security, err)
		}
		box.TLS = &tls.Config{RootCAs: pool}
		if err := box.Round(t.Context(), k.take); err != nil {
			t.Errorf("%s: %v", security, err)
		}
		k.wants(t, "one")
	}
	s := newPOPServer(t, "one")
	s.set(func() { s.without = "STLS" })
	box := s.box(&memory{})
	box.Security = "starttls"
	if err := box.Round(t.Context(), (&taker{}).take); err == nil {
		t.Error("a password is sent in clear")
	}
	s.set(func() {
		if strings.Contains(fmt.Sprint(s.talk), "secret") {
			t.Errorf("the server heard %q", s.talk)
		}
	})
}

func TestAPOP3ServerThatMisbehavesIsAMistake(t *testing.T) {
	t.Parallel()
	for word, said := range map[string]string{
		"PASS": "-ERR wrong password\r\n", "UIDL": "+OK\r\n1 id1\r\n" + strings.Repeat("x", 10000) + "\r\n.\r\n", "RETR": "", "USER": "+OK" + strings.Repeat("x", 10000), "CAPA": "",
	} {
		s, k := newPOPServer(t, "one"), &taker{}
		s.set(func() { s.answer[word] = said })
		err := s.box(&memory{}).Round(t.Context(), k.take)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", word, err)
		}
		k.wants(t)
	}
	box := newPOPServer(t).box(&memory{})
	box.Password = "a\r\nDELE 1"
	if err := box.Round(t.Context(), (&taker{}).take); err == nil {
		t.Error("a password with a command in it is sent")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newPOPServer(t, "one").box(&memory{}).Round(ctx, (&taker{}).take); err == nil {
		t.Error("an ended work goes on")
	}
}

func serverTLS(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	config, file := smtptest.Certificate(t, time.Now(), time.Now().Add(time.Hour))
	pem, err := os.ReadFile(file)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		t.Fatal(err)
	}
	return config, pool
}
