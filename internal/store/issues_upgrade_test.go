package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"tidings.example/mailer"
)

// upto are the migrations that a release had.
func upto(t *testing.T, newest string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.TrimPrefix(name, "migrations/") > newest {
			continue
		}
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: text}
	}
	return out
}

// written makes a database as a release left it.
func written(t *testing.T, newest string, texts ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	file, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	conn, err := file.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := migrate(t.Context(), conn, upto(t, newest)); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if _, err := conn.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return path
}

func TestLettersOfAnOlderReleaseAreCarriedOver(t *testing.T) {
	t.Parallel()
	path := written(t, "0014",
		`insert into subscribers (id, address, address_key, hash, state, created_at, changed_at) values
			(1, 'a@x.org', 'a@x.org', 'ha', 'active', 1, 1), (2, 'b@x.org', 'b@x.org', 'hb', 'active', 1, 1), (3, 'c@x.org', 'c@x.org', 'hc', 'active', 1, 1)`,
		`insert into issues (id, digest, cadence, label, number, cut, due_at, opened_at) values (5, 'news', 'weekly', 'W1', 1, 7, 1, 1)`,
		`insert into waves (id, issue, instant, readers, letters, published_at) values (8, 5, 1, 3, 3, 1), (9, 5, 2, 0, 0, null)`,
		`insert into variants (id, wave, subject, letter, posts) values (4, 8, 's', x'00', '["p"]'), (5, 9, 's', x'00', '["p"]')`,
		`insert into subscriptions (subscriber, digest, cursor, wave, created_at, confirmed_at) values (1, 'news', 2, 8, 1, 1), (2, 'news', 9, 8, 1, 1), (3, 'news', 2, 9, 1, 1)`,
		`insert into deliveries (id, issue, subscriber, wave, variant, state, attempts, fence, cause, reply, intent_at) values
			(30, 5, 1, 8, 4, 'sent', 1, 3, '', '250 ok', 77), (31, 5, 2, 8, 4, 'queued', 0, 0, '', '', 0), (32, 5, 3, 9, 5, 'queued', 0, 0, '', '', 0)`,
		`insert into bounces (subscriber, address, notice, letter, kind, reply, at) values (1, 'a@x.org', 0, 30, 'hard', 'no', 1)`,
	)
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	got, err := collect[string](context.Background(), db.read, `select printf('%d %d %d %s %d %d %s', id, issue, subscriber, state, attempts, intent_at, reply) from deliveries order by id`)
	want := []string{fmt.Sprintf("%d 5 1 sent 1 77 250 ok", deliveryID(5, 1)), fmt.Sprintf("%d 5 2 queued 0 0 ", deliveryID(5, 2))}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if got := text(t, db, `select group_concat(cursor, ' ') from (select cursor from subscriptions order by subscriber)`); got != "7 9 2" {
		t.Errorf("cursors %s", got)
	}
	if got := text(t, db, `select count(*) from bounces b join deliveries d on d.id = b.letter where d.subscriber = 1`); got != "1" {
		t.Error("the bounce lost its letter")
	}
	if n, err := db.DropUnpublished(t.Context()); n != 1 || err != nil {
		t.Error(n, err)
	}
	tally, err := db.Tally(t.Context(), 5)
	if err != nil || tally.Recipients() != 2 || tally[mailer.Sent] != 1 {
		t.Errorf("%v, %v", tally, err)
	}
	if l := claimed(t, db, "me", 5); len(l) != 1 || l[0].Subscriber != 2 {
		t.Errorf("claimed %v", l)
	}
}

// The landed release queued letters of an issue again, and left it closed.
func TestAClosedIssueOfAnOlderReleaseIsOpenWhereALetterIs(t *testing.T) {
	t.Parallel()
	path := written(t, "0014",
		`insert into issues (id, digest, cadence, label, number, cut, due_at, opened_at, closed_at) values (5, 'news', 'weekly', 'W1', 1, 7, 1, 1, 9), (6, 'news', 'weekly', 'W2', 2, 7, 1, 1, 9)`,
		`insert into waves (id, issue, instant, readers, letters, published_at) values (8, 5, 1, 1, 1, 1), (9, 6, 1, 1, 1, 1)`,
		`insert into variants (id, wave, subject, letter, posts) values (4, 8, 's', x'00', '["p"]'), (5, 9, 's', x'00', '["p"]')`,
		`insert into deliveries (issue, subscriber, wave, variant, state, reply) values (5, 1, 8, 4, 'failed', 'no'), (6, 1, 9, 5, 'sent', '250 ok')`,
		`update deliveries set state = 'queued', cause = 'queued again by the operator' where issue = 5`,
	)
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := text(t, db, `select group_concat(id) from issues where closed_at is null`); got != "5" {
		t.Errorf("open are %s", got)
	}
	if broken, err := db.Verify(t.Context(), at); err != nil || len(broken) > 0 {
		t.Error(broken, err)
	}
}
