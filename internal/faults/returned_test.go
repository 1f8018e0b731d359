package faults

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// returning is a blog whose letters come back to a socket of the daemon.
func returning(t *testing.T, readers int) (b *Blog, socket string) {
	t.Helper()
	b = NewBlog(t, Options{Readers: readers})
	// The path of a socket is short: the folder of a test is not.
	socket = fmt.Sprintf("%s/%d.sock", shortDir(t), readers)
	b.Write("tidings.toml", b.Config()+"[bounce]\naddress = \"bounces@blog.example.org\"\nlisten = \"unix:"+socket+"\"\n")
	return b, socket
}

// sentTo is the envelope sender of the letter to a reader.
func (b *Blog) sentTo(reader string) string {
	b.T.Helper()
	for _, l := range b.Sink.Letters() {
		if l.To == reader {
			return l.From
		}
	}
	b.T.Fatalf("no letter to %s", reader)
	return ""
}

// failed is a report that a mailbox does not exist.
func failed(to, reader string) string {
	return "From: MAILER-DAEMON@mx.example.net\r\nTo: <" + to + ">\r\nSubject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; " + reader +
		"\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n--b--\r\n"
}

// lmtp is a mail server that hands mail over.
type lmtp struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func handOver(t *testing.T, socket string) *lmtp {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	l := &lmtp{t: t, conn: conn, r: bufio.NewReader(conn)}
	l.answer()
	l.says("LHLO mx.example.net")
	return l
}

// writes writes a line, says returns the code of the answer, too.
func (l *lmtp) writes(line string) {
	l.t.Helper()
	if _, err := fmt.Fprintf(l.conn, "%s\r\n", line); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lmtp) says(line string) string {
	l.t.Helper()
	l.writes(line)
	return l.answer()
}

func (l *lmtp) answer() string {
	l.t.Helper()
	for {
		line, err := l.r.ReadString('\n')
		if err != nil {
			l.t.Fatal(err)
		}
		if len(line) > 3 && line[3] == ' ' {
			return line[:3]
		}
	}
}

// report hands over a report and returns the answer to it.
func (l *lmtp) report(to, reader string) string {
	l.t.Helper()
	l.says("MAIL FROM:<>")
	if code := l.says("RCPT TO:<" + to + ">"); code != "250" {
		l.says("RSET")
		return code
	}
	l.says("DATA")
	return l.says(failed(to, reader) + ".")
}

func TestALetterThatComesBackSuppressesItsReaderAndAForgedOneNobody(t *testing.T) {
	t.Parallel()
	b, socket := returning(t, 20)
	b.Post()
	p := b.Start("serve")
	p.Await("takes mail that comes back")
	b.Sink.Await(20)
	l := handOver(t, socket)
	path := b.sentTo(Reader(3))
	if !strings.HasPrefix(path, "bounces+") || path == b.sentTo(Reader(4)) {
		t.Fatalf("the envelope sender is %s", path)
	}
	forged := strings.Replace(path, ".", "1.", 1)
	if code := l.report(forged, Reader(3)); code != "550" {
		t.Errorf("a forged address is answered with %s", code)
	}
	if code := l.report("bounces@blog.example.org", Reader(5)); code != "250" {
		t.Errorf("a report without a proof is answered with %s", code)
	}
	// The result of the letter is written within a moment: until then the
	// report is to be handed in again.
	for tries := 0; ; tries++ {
		code := l.report(path, Reader(3))
		if code == "250" {
			break
		}
		if code != "451" || tries == 100 {
			t.Fatalf("a report is answered with %s", code)
		}
	}
	if code := l.report(strings.ToUpper(path), Reader(3)); code != "250" {
		t.Errorf("the same report is answered with %s", code)
	}
	if said := b.OK("issues", "show", "1"); !strings.Contains(said, "19 sent") || !strings.Contains(said, "1 bounced") || !strings.Contains(said, "came back: hard bounce") {
		t.Errorf("the issue is\n%s", said)
	}
	if said := b.OK("subscribers", "list", "--state", "bounced"); strings.Count(said, "@") != 1 || !strings.Contains(said, Reader(3)) {
		t.Errorf("suppressed are\n%s", said)
	}
	if said := b.OK("bounces", "list", "--kind", "hard"); strings.Count(said, "@example.org") != 1 {
		t.Errorf("came back:\n%s", said)
	}
	p.Term()
	if code := p.Wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.Said())
	}
}

// TestADaemonThatIsKilledBeforeItAnswersCountsAReportOnce kills the daemon when
// a report is stored and the mail server has not heard so: it hands it over again.
func TestADaemonThatIsKilledBeforeItAnswersCountsAReportOnce(t *testing.T) {
	t.Parallel()
	b, socket := returning(t, 21)
	b.Post()
	b.OK("run") // its results are all written
	for n := 1; n <= 3; n++ {
		p := b.Start("serve")
		p.Await("takes mail that comes back")
		l := handOver(t, socket)
		path := b.sentTo(Reader(n))
		l.says("MAIL FROM:<>")
		l.says("RCPT TO:<" + path + ">")
		l.says("DATA")
		l.writes(failed(path, Reader(n)) + ".")
		p.Await("effect=suppressed") // said after it is stored, before the answer is read
		p.Kill()
		p.Wait()
		p = b.Start("serve")
		p.Await("takes mail that comes back")
		if code := handOver(t, socket).report(path, Reader(n)); code != "250" {
			t.Errorf("the second time it is answered with %s", code)
		}
		p.Kill()
		p.Wait()
		if said := b.OK("bounces", "list"); strings.Count(said, " hard ") != n {
			t.Errorf("%d reports came, kept are\n%s", n, said)
		}
	}
	if said := b.OK("issues", "show", "1"); !strings.Contains(said, "18 sent") || !strings.Contains(said, "3 bounced") {
		t.Errorf("the issue is\n%s", said)
	}
}

// shortDir is a folder whose path leaves room for the name of a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "t")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
