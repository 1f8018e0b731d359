package mailer_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/mailer"
)

// fullOutbox hands out letters, and can write only while it is not full.
type fullOutbox struct {
	mailer.Outbox
	letters []mailer.Letter
	full    atomic.Bool
	wrote   atomic.Int64
}

var errFull = errors.New("database or disk is full")

func (o *fullOutbox) Recover(context.Context, string, bool, time.Time) (mailer.Recovered, error) {
	return mailer.Recovered{}, nil
}
func (o *fullOutbox) NextDue(context.Context) (time.Time, error) {
	if len(o.letters) > 0 {
		return time.Unix(1, 0), nil
	}
	return time.Time{}, nil
}
func (o *fullOutbox) Claim(_ context.Context, r mailer.ClaimRequest) ([]mailer.Letter, error) {
	n := min(r.Deliveries, len(o.letters))
	out := o.letters[:n]
	o.letters = o.letters[n:]
	return out, nil
}
func (o *fullOutbox) Template(context.Context, int64) ([]byte, error) {
	return []byte("hi"), nil
}
func (o *fullOutbox) Chain(ctx context.Context, s mailer.Step) (mailer.Grant, error) {
	switch {
	case ctx.Err() != nil:
		return mailer.Grant{}, ctx.Err()
	case o.full.Load():
		return mailer.Grant{}, errFull
	}
	o.wrote.Add(1)
	g := mailer.Grant{}
	if s.Next != nil {
		g = mailer.Grant{Send: true, To: s.Next.To, Date: s.Now}
	}
	return g, nil
}

// takesAll is a transport that takes each letter after a moment.
type takesAll struct{}

func (takesAll) Connect(context.Context) (mailer.Conn, mailer.Reply) {
	return takesAll{}, mailer.Reply{}
}
func (takesAll) Send(context.Context, mailer.Envelope, []byte) mailer.Reply {
	<-time.After(10 * time.Millisecond)
	return mailer.Reply{Phase: mailer.PhaseDot, Code: 250, Text: "ok"}
}
func (takesAll) Ready() bool { return true }
func (takesAll) Close()      {}

func TestLedgerThatCannotBeWrittenIsToldOnceAMinuteAndDoesNotHoldTheEndUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &fullOutbox{}
		for i := range int64(10_000) {
			o.letters = append(o.letters, mailer.Letter{LetterRef: mailer.LetterRef{ID: i + 1}, To: "ann@example.org"})
		}
		var log bytes.Buffer
		d := mailer.NewDispatcher(mailer.DispatcherConfig{Outbox: o, Transport: takesAll{}, Connections: 4, Parse: parsePlain, Clock: time.Now,
			Sender: "news@blog.example", Domain: "blog.example", Log: slog.New(slog.NewTextHandler(&log, nil))})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()

		<-time.After(time.Second)
		o.full.Store(true)
		<-time.After(150 * time.Second)
		o.full.Store(false)
		before := o.wrote.Load()
		<-time.After(5 * time.Second)
		if o.wrote.Load() == before {
			t.Error("nothing is sent after the disk has room again")
		}
		o.full.Store(true)
		<-time.After(time.Second)
		cancel()
		began := time.Now()
		err := <-ended
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("the end took %v", took)
		}
		if !errors.Is(err, errFull) || !strings.Contains(err.Error(), "4 letters") {
			t.Errorf("the end says %v", err)
		}
		if n := strings.Count(log.String(), "level=ERROR"); n < 3 || n > 4 {
			t.Errorf("%d errors are told, want one at the beginning and one each minute:\n%s", n, &log)
		}
		if n := strings.Count(log.String(), "the ledger is written again"); n != 1 {
			t.Errorf("the end of it is told %d times:\n%s", n, &log)
		}
	})
}
