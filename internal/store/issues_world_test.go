package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/store/storetest"
	"tidings.example/mailer"
	"tidings.example/posts"
)

// mailWorld is a database with an engine, and a renderer that only notes what
// it was asked for.
type mailWorld struct {
	t      testing.TB
	ctx    context.Context
	db     *DB
	engine *mailer.Engine
	now    time.Time
	// broken makes every rendering fail.
	broken bool
	// broke says that the test broke the ledger on purpose.
	broke bool
}

// Digest implements mailer.EditionRenderer.
func (w *mailWorld) Digest(e mailer.Edition) (mailer.Template, error) {
	if w.broken {
		return mailer.Template{}, errors.New("digest.html:3: unexpected {{end}}")
	}
	var ids []string
	for _, p := range e.Posts {
		ids = append(ids, p.ID)
	}
	subject := fmt.Sprintf("%s #%d %s %s: %s", e.Digest.Name, e.Issue, e.Language, e.Zone, strings.Join(ids, " "))
	return mailer.Template{Subject: subject, Bytes: []byte(subject)}, nil
}

func newMailWorld(t testing.TB, now string, digests ...mailer.Digest) *mailWorld {
	t.Helper()
	w := &mailWorld{t: t, ctx: context.Background()}
	w.at(now)
	db := storetest.Open(t, filepath.Join(t.TempDir(), "tidings.db"), Open)
	t.Cleanup(func() {
		for _, line := range w.breaches() {
			t.Errorf("the ledger at the end: %s", line)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w.db = db
	w.engine = &mailer.Engine{Digests: digests, Renderer: w, Calendar: db, Shelf: db, Press: db, Chunk: 3}
	w.exec(`insert into sources (name) values ('blog')`)
	return w
}

// at sets the clock.
func (w *mailWorld) at(now string) {
	w.t.Helper()
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = at.UTC()
}

// exec runs a statement. One that changes letters by hand finds them all in
// rows.
func (w *mailWorld) exec(text string, args ...any) {
	w.t.Helper()
	if strings.HasPrefix(text, "update deliveries") {
		w.takeAll()
		defer w.explain()
	}
	if err := w.db.Write(w.ctx, func(tx *Tx) error { _, err := tx.Exec(text, args...); return err }); err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
}

// post releases a post with tags and returns its id.
func (w *mailWorld) post(id string, tags ...string) {
	w.t.Helper()
	w.dated(id, w.now, true, tags...)
}

func (w *mailWorld) dated(id string, date time.Time, mailable bool, tags ...string) {
	w.t.Helper()
	list := `["` + strings.Join(tags, `","`) + `"]`
	if len(tags) == 0 {
		list = "[]"
	}
	w.exec(`insert into posts (id, source, path, explicit_id, title, date, updated, not_before, expires, declared, tags, categories, authors,
		language, slug, url, aliases, summary, image, fingerprint, seen_at, terms)
		values (?, 1, ?, '', ?, ?, 0, 0, 0, 'published', ?, '[]', '[]', 'en', '', '', '[]', '', '', '', ?, '[]')`,
		id, id+".md", "Title of "+id, date.UnixMilli(), list, w.now.UnixMilli())
	w.exec(`insert into releases (post, released_at, mailable) select key, ?, ? from posts where id = ?`, w.now.UnixMilli(), mailable, id)
}

func (w *mailWorld) withdraw(id string) {
	w.t.Helper()
	w.exec(`update releases set withdrawn_at = ? where post = (select key from posts where id = ?)`, w.now.UnixMilli(), id)
}

// reader adds an active subscriber to the first digest.
func (w *mailWorld) reader(name string) int64 {
	w.t.Helper()
	a, err := mailer.ParseAddress(name + "@example.com")
	if err != nil {
		w.t.Fatal(err)
	}
	outcome, _, err := w.db.AddSubscriber(w.ctx, mailer.NewSubscriber{Address: a, Digest: w.engine.Digests[0].Name, Consent: "asked by letter"}, w.now)
	if err != nil || outcome != mailer.Added {
		w.t.Fatalf("add %s: %s, %v", name, outcome, err)
	}
	return w.id(name)
}

func (w *mailWorld) id(name string) (id int64) {
	w.t.Helper()
	if err := w.db.read.QueryRow(`select id from subscribers where address_key = ?`, name+"@example.com").Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// wants sets a column of a reader's subscription.
func (w *mailWorld) wants(name, column string, value any) {
	w.t.Helper()
	w.exec(`update subscriptions set `+column+` = ? where subscriber = ?`, value, w.id(name))
}

func (w *mailWorld) tick() mailer.Report {
	w.t.Helper()
	r, err := w.engine.Tick(w.ctx, w.now)
	if err != nil {
		w.t.Fatalf("tick at %s: %v", w.now, err)
	}
	return r
}

// sendAll marks every visible open letter as sent.
func (w *mailWorld) sendAll() {
	w.t.Helper()
	w.exec(`update deliveries set cause = '', state = 'sent' where state = 'queued' and wave in (select id from waves where published_at is not null)`)
}

// breaches lists what is wrong with the ledger.
func (w *mailWorld) breaches() (lines []string) {
	if w.broke {
		return nil
	}
	for line, err := range w.db.Invariants(w.ctx, w.now) {
		if err != nil {
			w.t.Error(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// takeAll gives every letter that waits in its wave a row.
func (w *mailWorld) takeAll() {
	w.t.Helper()
	for _, issue := range w.issues() {
		if err := w.db.takeAll(w.ctx, issue, w.now); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *mailWorld) issues() []int64 {
	w.t.Helper()
	all, err := collect[int64](w.ctx, w.db.read, `select id from issues order by id`)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// allFates returns every letter there is, whether it has a row or not.
func (w *mailWorld) allFates() (out []fate) {
	w.t.Helper()
	for _, issue := range w.issues() {
		found, err := fates(w.db.asks(w.ctx), issue, 1, 1<<deliveryBits-1, 0, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, slices.DeleteFunc(found, func(f fate) bool { return f.state == "" })...)
	}
	return out
}

// tidy does what a daemon does beside its work.
func (w *mailWorld) tidy() (folded int) {
	w.t.Helper()
	folded, err := w.db.Tidy(w.ctx, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return folded
}

// letters returns the subjects of the visible letters of a reader.
func (w *mailWorld) letters(name string) (out []string) {
	w.t.Helper()
	id := w.id(name)
	for _, issue := range w.issues() {
		found, err := fates(w.db.asks(w.ctx), issue, id, id, 0, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, f := range found {
			if f.state != "" {
				out = append(out, w.text(`select subject from variants where id = ?`, f.variant))
			}
		}
	}
	return out
}

// explain gives letters that a test moved by hand what the program would have
// written.
func (w *mailWorld) explain() {
	w.t.Helper()
	w.exec(`/* by hand */ update deliveries set reply = '250 ok' where state not in ('queued', 'leased', 'inflight') and cause = '' and reply = ''`)
}

func (w *mailWorld) number(query string, args ...any) (n int64) {
	w.t.Helper()
	if err := w.db.read.QueryRow(query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *mailWorld) text(query string, args ...any) (s string) {
	w.t.Helper()
	if err := w.db.read.QueryRow(query, args...).Scan(&s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *mailWorld) expect(name string, want ...string) {
	w.t.Helper()
	if got := w.letters(name); !slices.Equal(got, want) {
		w.t.Errorf("at %s %s has %q, want %q", w.now.Format(time.RFC3339), name, got, want)
	}
}

// slots returns "label state" of a cadence.
func (w *mailWorld) slots(c mailer.Cadence) []string {
	w.t.Helper()
	out, err := collect[string](w.ctx, w.db.read, `select label || ' ' || state from slots where cadence = ? order by label`, c)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// aDigest is offered daily at eight in Berlin unless cadences say otherwise.
func aDigest(cadences ...mailer.Cadence) mailer.Digest {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	if len(cadences) == 0 {
		cadences = []mailer.Cadence{mailer.Daily}
	}
	return mailer.Digest{Name: "news", Title: "News", Language: "en", Cadences: cadences, Zone: zone, Hour: 8, Weekday: time.Monday, Day: 1,
		From: "News <news@example.org>", MaxLateness: 48 * time.Hour, Select: posts.Selection{}}
}
