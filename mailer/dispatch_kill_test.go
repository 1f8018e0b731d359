package mailer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/store"
	"tidings.example/mailer"
	"tidings.example/mailer/smtp"
	"tidings.example/mailer/smtp/smtptest"
)

// killed names what the child process of the kill tests works with: the
// database, and the Maildir or the port that it sends to.
const killed = "TIDINGS_KILL_TEST"

// TestMain turns the test binary into the sender that the kill tests end.
func TestMain(m *testing.M) {
	if job := os.Getenv(killed); job != "" {
		if err := sendUntilKilled(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// sendUntilKilled drains a database as the real sender would.
func sendUntilKilled(job string) error {
	path, target, _ := strings.Cut(job, "|")
	db, err := store.Open(context.Background(), path, false)
	if err != nil {
		return err
	}
	var transport mailer.Transport = mailer.Maildir{Dir: target}
	if port, err := strconv.Atoi(target); err == nil {
		if transport, err = smtp.New(smtp.Config{Host: "127.0.0.1", Port: port, Security: smtp.None, Clock: time.Now}); err != nil {
			return err
		}
	}
	c := mailer.DispatcherConfig{Outbox: db, Transport: transport, Parse: parsePlain, Clock: time.Now, Connections: killConns,
		Sender: "news@blog.example", Domain: "blog.example"}
	if err := mailer.NewDispatcher(c).Drain(context.Background()); err != nil {
		return err
	}
	return db.Close()
}

const (
	killConns   = 4
	killLetters = 200
	kills       = 8
)

// killing starts the sender, kills it at random instants, and lets the last
// one end. between is called after each kill.
func killing(t *testing.T, path, target string, between func()) (n int) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for round := range kills + 1 {
		ctx, cancel := context.WithCancel(t.Context())
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), killed+"="+path+"|"+target)
		var out strings.Builder
		cmd.Stderr = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		alarm := time.AfterFunc(time.Duration(10+random.IntN(120))*time.Millisecond, func() {
			if round < kills {
				cancel()
			}
		})
		err := cmd.Wait()
		alarm.Stop()
		was := ctx.Err() != nil
		cancel()
		if err != nil && !was {
			t.Fatalf("the sender: %v\n%s", err, out.String())
		}
		if was {
			n++
			between()
		}
	}
	return n
}

// explained fails the test where a letter is lost, or counted twice.
func (r *rig) explained(t *testing.T, readers int) {
	t.Helper()
	total := 0
	for state, n := range r.states(t) {
		total += n
		switch mailer.DeliveryState(state) {
		case mailer.Queued, mailer.Leased, mailer.Inflight, mailer.Sent:
		default:
			t.Errorf("%d letters are %s after a kill", n, state)
		}
	}
	if total != readers {
		t.Errorf("%d deliveries, want %d", total, readers)
	}
	if n := r.states(t)["inflight"]; n > killConns {
		t.Errorf("%d letters are in doubt with %d connections", n, killConns)
	}
}

func TestKilledSenderLosesNothingAndAMaildirGetsNoCopies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newRig(t, dir)
	r.issue(t, "weekly", killLetters)
	box := filepath.Join(dir, "mail")
	n := killing(t, r.path, box, func() { r.explained(t, killLetters) })
	r.want(t, "sent", killLetters)
	if got := len(letters(t, box)); got != killLetters {
		t.Errorf("%d files after %d kills, want %d", got, n, killLetters)
	}
}

func TestKilledSenderLosesNothingAndSendsFewCopiesOverSMTP(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.issue(t, "weekly", killLetters)
	srv := smtptest.Start(t, smtptest.Script{})
	n := killing(t, r.path, strconv.Itoa(srv.Port()), func() { r.explained(t, killLetters) })
	r.want(t, "sent", killLetters)
	copies := map[string][]string{}
	for _, l := range srv.Letters() {
		copies[l.To] = append(copies[l.To], l.Text)
	}
	extra := 0
	for to, texts := range copies {
		extra += len(texts) - 1
		for _, text := range texts {
			if text != texts[0] {
				t.Errorf("the copies to %s differ:\n%s\n%s", to, texts[0], text)
			}
		}
	}
	if len(copies) != killLetters || extra > n*killConns {
		t.Errorf("%d readers got letters, want %d; %d extra copies after %d kills with %d connections", len(copies), killLetters, extra, n, killConns)
	}
	t.Logf("%d extra copies after %d kills", extra, n)
}
