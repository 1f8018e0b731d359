package mailer_test

import (
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
	"tidings.example/mailer/smtp/smtptest"
)

func TestEachLetterHasAReturnPathOfItsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "weekly", 12)
	ids := r.readers(t)
	paths, err := mailer.NewReturnPaths("bounces@blog.example", "+", []mailer.Key{{ID: 1, Secret: []byte("a secret of thirty-two bytes long")}})
	if err != nil {
		t.Fatal(err)
	}
	c := r.config(over(t, srv))
	c.ReturnPath = paths
	if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, l := range srv.Letters() {
		name, _, _ := strings.Cut(l.To, "@")
		o, ok := paths.Read(l.From, time.Now())
		if !ok || o.Issue == 0 || o.Subscriber != int64(ids[name]) || !o.WentTo(l.To) {
			t.Errorf("the letter to %s has the envelope sender %s, which is %+v, %v", l.To, l.From, o, ok)
		}
	}
	r.want(t, "sent", 12)
}
