package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/web/webtest"
	"tidings.example/mailer"
)

func TestTheLedgerKeepsTheContractsOfThePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	w.ok("subscribers", "add", "pending@example.com")
	w.ok("subscribers", "add", "reader@example.com", "--consent", "yes")
	for _, name := range []string{"second", "third"} {
		w.post(name, "2026-11-23", "Text of "+name+".")
		w.ok("build")
		w.ok("send", "weekly", "--yes")
		w.pass(time.Second)
	}
	sh := &shell{out: &strings.Builder{}, err: &strings.Builder{}, getenv: func(string) string { return "" }, now: w.clock,
		args: &grammar{Config: filepath.Join(w.dir, "tidings.toml")}}
	p, err := sh.open(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	a, err := mailer.ParseAddress("pending@example.com")
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.db.Subscriber(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	token := func(link string) string { return link[strings.LastIndex(link, "/")+1:] }
	webtest.KeepsReadersContract(t, readers{p}, token(p.mail.links.Confirm(s.ID, "weekly", w.clock())), token(p.mail.links.Unsubscribe(s.ID, "weekly")))
	webtest.KeepsArchiveContract(t, archive{p}, []int64{2, 1})
}
