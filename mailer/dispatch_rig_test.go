package mailer_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/store"
	"tidings.example/internal/store/storetest"
	"tidings.example/mailer"
)

// plainTemplate renders a small letter with its subscriber in it.
type plainTemplate string

func (t plainTemplate) Letter(p mailer.Personal) ([]byte, error) {
	if strings.Contains(string(t), "broken") {
		return nil, fmt.Errorf("nothing to put at %q", "mark")
	}
	return []byte("From: News <news@blog.example>\r\nTo: " + p.To + "\r\nSubject: " + string(t) + "\r\nDate: " + p.Date.UTC().Format(time.RFC1123Z) +
		"\r\nMessage-ID: <" + p.MessageID + ">\r\n\r\nHello.\r\n.\r\n..dots\r\n"), nil
}

func parsePlain(text []byte) (mailer.Stencil, error) { return plainTemplate(text), nil }

// rig is a database with an issue to send.
type rig struct {
	path string
	db   *store.DB
	raw  *sql.DB
}

// newRig opens a database in dir and looks at it from beside.
func newRig(t testing.TB, dir string) *rig {
	t.Helper()
	path := filepath.Join(dir, "tidings.db")
	db := storetest.Open(t, path, store.Open)
	t.Cleanup(func() { db.Close() })
	t.Cleanup(func() {
		for line, err := range db.Invariants(context.Background(), time.Now()) {
			t.Errorf("the ledger at the end: %s%v", line, err)
		}
	})
	raw, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	return &rig{path: path, db: db, raw: raw}
}

func (r *rig) exec(t testing.TB, text string, args ...any) {
	t.Helper()
	if _, err := r.raw.Exec(text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// issue makes a published issue with readers named NAMEk@example.org, and
// returns its id.
func (r *rig) issue(t testing.TB, name string, readers int) (id int64) {
	t.Helper()
	tx, err := r.raw.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	one := func(text string, args ...any) int64 {
		t.Helper()
		res, err := tx.Exec(text, args...)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		n, err := res.LastInsertId()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	id = one(`insert into issues (digest, cadence, label, number, cut, due_at, opened_at) values (?, 'weekly', '2026-W01', (select coalesce(max(number), 0) + 1 from issues), 10, 1, 1)`, name)
	wave := one(`insert into waves (issue, instant, readers, letters, published_at) values (?, 1, ?, ?, 1)`, id, readers, readers)
	variant := one(`insert into variants (wave, subject, letter, posts) values (?, ?, ?, '["tag:a","tag:b"]')`, wave, name, []byte(name))
	for k := range readers {
		address := fmt.Sprintf("%s%d@example.org", name, k)
		sub := one(`insert into subscribers (address, address_key, hash, state, created_at, changed_at) values (?, ?, ?, 'active', 1, 1)`, address, address, "h:"+address)
		one(`insert into subscriptions (subscriber, digest, cursor, created_at, confirmed_at) values (?, ?, 0, 1, 1)`, sub, name)
		one(`insert into deliveries (id, issue, subscriber, wave, variant, state) values (?1 << 36 | ?2, ?1, ?2, ?3, ?4, 'queued')`, id, sub, wave, variant)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return id
}

// notice queues a notice to an address.
func (r *rig) notice(t testing.TB, kind mailer.NoticeKind, subscriber int64, address string) {
	t.Helper()
	r.exec(t, `insert into notices (subscriber, kind, request, recipient, subject, letter, state, created_at) values (?, ?, ?, ?, 's', ?, 'queued', 1)`,
		subscriber, string(kind), address, address, []byte("notice"))
}

// states counts deliveries by state.
func (r *rig) states(t testing.TB) map[string]int {
	t.Helper()
	return r.count(t, `select state, count(*) from deliveries group by state`)
}

func (r *rig) count(t testing.TB, query string, args ...any) map[string]int {
	t.Helper()
	rows, err := r.raw.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := map[string]int{}
	for rows.Next() {
		var k string
		var n int
		if err := rows.Scan(&k, &n); err != nil {
			t.Fatal(err)
		}
		got[k] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

func (r *rig) one(t testing.TB, query string, args ...any) (s string) {
	t.Helper()
	if err := r.raw.QueryRow(query, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// config is a dispatcher's for the rig, over a transport.
func (r *rig) config(transport mailer.Transport) mailer.DispatcherConfig {
	return mailer.DispatcherConfig{Outbox: r.db, Transport: transport, Parse: parsePlain, Clock: time.Now, Connections: 4,
		Sender: "news@blog.example", Domain: "blog.example"}
}
