package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
)

// door is the sign-up of a world.
type door struct {
	*mailWorld
	signup *mailer.Signup
}

func newDoor(t testing.TB, digests ...mailer.Digest) *door {
	t.Helper()
	if len(digests) == 0 {
		digests = []mailer.Digest{aDigest()}
	}
	w := newMailWorld(t, "2026-11-22T10:00:00Z", digests...)
	keys, err := w.db.Keys(w.ctx, "token", w.now)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := mailer.NewTokens(keys)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{mailWorld: w}
	d.signup = &mailer.Signup{Digests: digests, Renderer: d, Enrolment: w.db, Links: &mailer.SignedLinks{Base: "https://news.example.org/", Tokens: tokens}}
	return d
}

// Notice implements mailer.NoticeRenderer: the letter is its link.
func (d *door) Notice(n mailer.Notice) (mailer.Template, error) {
	return mailer.Template{Subject: string(n.Kind), Bytes: []byte(n.Link)}, nil
}

func (d *door) ask(address string) {
	d.t.Helper()
	if err := d.signup.Subscribe(d.ctx, address, "", "", d.now); err != nil {
		d.t.Fatalf("subscribe %s: %v", address, err)
	}
}

// queued counts the letters that wait to be sent.
func (d *door) queued() int {
	d.t.Helper()
	q, err := d.db.Queue(d.ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	return q.Queued
}

// invitations returns the tokens of all confirmation letters.
func (d *door) invitations() (tokens []string) {
	d.t.Helper()
	letters, err := collect[[]byte](d.ctx, d.db.read, `select letter from notices where kind = 'confirmation' order by id`)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, l := range letters {
		var tpl mailer.Template
		if err := tpl.UnmarshalBinary(l); err != nil {
			d.t.Fatal(err)
		}
		u, err := url.Parse(string(tpl.Bytes))
		if err != nil {
			d.t.Fatal(err)
		}
		tokens = append(tokens, strings.TrimPrefix(u.Path, "/c/"))
	}
	return tokens
}

func (d *door) confirm(token string) mailer.Standing {
	d.t.Helper()
	s, err := d.signup.Confirm(d.ctx, token, d.now)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *door) leave(name, digest string) {
	d.t.Helper()
	link := d.signup.Links.Unsubscribe(d.id(name), digest)
	if _, err := d.signup.Unsubscribe(d.ctx, link[strings.LastIndexByte(link, '/')+1:], d.now); err != nil {
		d.t.Fatal(err)
	}
}

func (d *door) state(name string) (state string) {
	d.t.Helper()
	if err := d.db.read.QueryRow(`select state from subscribers where address_key = ?`, name+"@example.com").Scan(&state); err != nil {
		d.t.Fatal(err)
	}
	return state
}

func (d *door) count(text string, args ...any) (n int) {
	d.t.Helper()
	if err := d.db.read.QueryRow(text, args...).Scan(&n); err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	return n
}

func TestSignUpIsLiveOnlyAfterTheConfirmationAndFromThenOn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.ask(" Ann@Example.com ")
	d.post("before")
	d.at("2026-11-23T07:00:00Z")
	d.tick()
	d.expect("ann")
	if s, err := d.signup.Invitation(d.ctx, d.invitations()[0], d.now); err != nil || s.Live || s.Stale || s.Digest != "News" {
		t.Errorf("invitation %+v, %v", s, err)
	}
	if d.state("ann") != "pending" {
		t.Error("looking at the page confirmed it")
	}
	if s := d.confirm(d.invitations()[0]); !s.Live {
		t.Errorf("%+v", s)
	}
	d.post("after")
	if s := d.confirm(d.invitations()[0]); !s.Live {
		t.Errorf("the second time: %+v", s)
	}
	d.at("2026-11-24T07:00:00Z")
	d.tick()
	d.expect("ann", "news #1 en Europe/Berlin: after")
}

func TestOneConfirmationLetterADayForAnAddress(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.ask("ann@example.com")
	d.ask("ANN@example.com")
	d.at("2026-11-23T09:59:00Z")
	d.ask("ann@example.com")
	if n := len(d.invitations()); n != 1 {
		t.Errorf("%d letters within a day", n)
	}
	d.at("2026-11-23T10:00:01Z")
	d.ask("ann@example.com")
	if n := len(d.invitations()); n != 2 {
		t.Errorf("%d letters after a day", n)
	}
	if n := d.count(`select count(*) from subscribers`); n != 1 {
		t.Errorf("%d subscribers", n)
	}
}

func TestTwoRequestsAtOnceMakeOneLetter(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	done := make(chan error)
	for range 8 {
		go func() { done <- d.signup.Subscribe(context.Background(), "ann@example.com", "news", "zh", d.now) }()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(d.invitations()); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestSignUpSaysNothingOfWhoIsKnown(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.reader("ann")
	d.ask("ann@example.com")
	if n := len(d.invitations()); n != 0 || d.state("ann") != "active" {
		t.Errorf("%d letters to a subscriber", n)
	}
	if err := d.signup.Subscribe(d.ctx, "ann@", "", "", d.now); err == nil {
		t.Error("a malformed address was accepted")
	}
	if err := d.signup.Subscribe(d.ctx, "bob@example.com", "olds", "", d.now); err == nil {
		t.Error("an unknown digest was accepted")
	}
}

func TestAnOldLinkConfirmsNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.ask("ann@example.com")
	token := d.invitations()[0]
	d.at("2026-11-29T10:00:01Z")
	if s := d.confirm(token); !s.Stale || s.Live || d.state("ann") != "pending" {
		t.Errorf("after a week: %+v", s)
	}
}

func TestALinkFromBeforeTheyLeftDoesNotBringThemBack(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.ask("ann@example.com")
	token := d.invitations()[0]
	d.confirm(token)
	d.at("2026-11-23T08:00:00Z")
	d.leave("ann", "news")
	d.leave("ann", "news")
	if s := d.confirm(token); !s.Stale || d.state("ann") != "unsubscribed" {
		t.Errorf("%+v", s)
	}
	// A new request of their own does.
	d.at("2026-11-24T08:00:00Z")
	d.ask("ann@example.com")
	tokens := d.invitations()
	if s := d.confirm(tokens[len(tokens)-1]); !s.Live || d.state("ann") != "active" || d.count(`select count(*) from suppressions`) != 0 {
		t.Errorf("%+v, %s", s, d.state("ann"))
	}
}

func TestLeavingEndsOpenLettersAndBlocksAdds(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.reader("ann")
	d.reader("bob")
	d.post("one")
	d.at("2026-11-23T07:00:00Z")
	d.tick()
	d.leave("ann", "news")
	if n := d.count(`select count(*) from deliveries where state = 'skipped' and cause = 'unsubscribed' and subscriber = ?`, d.id("ann")); n != 1 {
		t.Error("the open letter was not ended")
	}
	if n := d.queued(); n != 1 {
		t.Errorf("%d letters are open, want bob's", n)
	}
	if n := d.count(`select count(*) from owed`); n != 0 {
		t.Error("posts are owed to somebody who left")
	}
	a, _ := mailer.ParseAddress("ANN@example.com")
	outcome, _, err := d.db.AddSubscriber(d.ctx, mailer.NewSubscriber{Address: a, Digest: "news", Consent: "says so"}, d.now)
	if err != nil || outcome != mailer.Left || d.state("ann") != "unsubscribed" {
		t.Errorf("%s, %v", outcome, err)
	}
}

func TestLeavingOneDigestKeepsTheOther(t *testing.T) {
	t.Parallel()
	other := aDigest()
	other.Name, other.Title = "other", "Other"
	d := newDoor(t, aDigest(), other)
	d.reader("ann")
	a, _ := mailer.ParseAddress("ann@example.com")
	if _, _, err := d.db.AddSubscriber(d.ctx, mailer.NewSubscriber{Address: a, Digest: "other", Consent: "says so"}, d.now); err != nil {
		t.Fatal(err)
	}
	d.leave("ann", "news")
	d.post("one")
	d.at("2026-11-23T07:00:00Z")
	d.tick()
	d.expect("ann", "other #1 en Europe/Berlin: one")
	d.leave("ann", "other")
	if d.state("ann") != "unsubscribed" || d.count(`select count(*) from suppressions where reason = 'unsubscribed'`) != 1 {
		t.Error("who left everything is still there")
	}
}

func TestSuppressionsBlockAsTheirTableSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason mailer.Reason
		days   int
		back   bool // by their own sign-up
	}{
		{mailer.SuppressedUnsubscribed, 0, true}, {mailer.SuppressedErased, 0, true},
		{mailer.SuppressedBounced, 29, false}, {mailer.SuppressedBounced, 31, true},
		{mailer.SuppressedComplained, 400, false}, {mailer.SuppressedOperator, 400, false},
	} {
		d := newDoor(t)
		a, _ := mailer.ParseAddress("ann@example.com")
		if err := d.db.Suppress(d.ctx, a, c.reason, "", d.now); err != nil {
			t.Fatal(err)
		}
		d.now = d.now.AddDate(0, 0, c.days).Add(time.Hour)
		if outcome, _, err := d.db.AddSubscriber(d.ctx, mailer.NewSubscriber{Address: a, Digest: "news", Consent: "says so"}, d.now); err != nil || outcome == mailer.Added {
			t.Errorf("%s: added, %v", c.reason, err)
		}
		d.ask("ann@example.com")
		letters := d.invitations()
		if (len(letters) == 1) != c.back {
			t.Errorf("%s after %d days: %d letters", c.reason, c.days, len(letters))
		}
		if c.back {
			if s := d.confirm(letters[0]); !s.Live || d.count(`select count(*) from suppressions`) != 0 {
				t.Errorf("%s: %+v", c.reason, s)
			}
		}
	}
}

func TestASuppressedReaderIsEndedAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.reader("ann")
	d.post("one")
	d.at("2026-11-23T07:00:00Z")
	d.tick()
	a, _ := mailer.ParseAddress("Ann@example.com")
	if err := d.db.Suppress(d.ctx, a, mailer.SuppressedOperator, "asked by phone", d.now); err != nil {
		t.Fatal(err)
	}
	if n := d.count(`select count(*) from deliveries where state = 'skipped' and cause = 'suppressed: operator'`); n != 1 {
		t.Error("the open letter was not ended")
	}
	d.at("2026-11-24T07:00:00Z")
	d.post("two")
	d.tick()
	if n := len(d.letters("ann")); n != 1 {
		t.Errorf("%d letters", n)
	}
	if lifted, err := d.db.Unsuppress(d.ctx, a, mailer.SuppressedOperator); err != nil || !lifted {
		t.Error(lifted, err)
	}
	d.at("2026-11-25T07:00:00Z")
	d.tick()
	d.expect("ann", "news #1 en Europe/Berlin: one", "news #2 en Europe/Berlin: two")
}

func TestErasingLeavesNoByteOfTheAddress(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	// Names in no order, so that rows of every index move from page to page.
	var names []string
	for i := range 400 {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		names = append(names, fmt.Sprintf("n%x", sum[:6+i%9]))
		d.ask(names[i] + "@example.com")
	}
	for i := 0; i < len(names); i += 8 {
		a, _ := mailer.ParseAddress(names[i] + "@example.com")
		if found, err := d.db.Erase(d.ctx, a, d.now); err != nil || !found {
			t.Fatal(found, err)
		}
	}
	for i := 0; i < len(names); i += 8 {
		d.absent(names[i])
	}
}

// absent searches the files of the database.
func (d *door) absent(text string) {
	d.t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(d.db.Path() + suffix)
		if err != nil && !os.IsNotExist(err) {
			d.t.Fatal(err)
		}
		if at := bytes.Index(bytes.ToLower(data), []byte(text)); at >= 0 {
			d.t.Errorf("tidings.db%s still has %s at %d", suffix, text, at)
		}
	}
}

func TestErasingReachesLettersAndReportsAndKeepsWhatMayBeKept(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.ask("forget.me.please@example.com")
	d.confirm(d.invitations()[0])
	d.post("one")
	d.at("2026-11-23T07:00:00Z")
	d.tick()
	id := d.id("forget.me.please")
	d.exec(`update deliveries set state = 'sent', address = 'forget.me.please@example.com', reply = '250 forget.me.please@example.com ok' where subscriber = ?`, id)
	d.exec(`insert into bounces (subscriber, address, notice, letter, kind, reply, at) values (?, 'forget.me.please@example.com', 0, 1, 'soft', '452 forget.me.please full', 0)`, id)
	a, _ := mailer.ParseAddress("forget.me.please@example.com")
	if found, err := d.db.Erase(d.ctx, a, d.now); err != nil || !found {
		t.Fatal(found, err)
	}
	d.absent("forget.me")
	if n := d.count(`select count(*) from deliveries where subscriber = ?`, id); n != 1 {
		t.Error("the delivery is gone")
	}
	if n := d.count(`select count(*) from consents where subscriber is null and hash <> ''`); n != 2 {
		t.Errorf("%d dates under the hash, want 2", n)
	}
	if outcome, reason, err := d.db.AddSubscriber(d.ctx, mailer.NewSubscriber{Address: a, Digest: "news", Consent: "an old list"}, d.now); outcome != mailer.Blocked || reason != mailer.SuppressedErased || err != nil {
		t.Errorf("a later import: %s %s %v", outcome, reason, err)
	}
	link := d.signup.Links.Unsubscribe(id, "news")
	if _, err := d.signup.Unsubscribe(d.ctx, link[strings.LastIndexByte(link, '/')+1:], d.now); err != nil {
		t.Errorf("the link of an erased reader: %v", err)
	}
	d.ask("forget.me.please@example.com")
	if again := d.id("forget.me.please"); again == id {
		t.Error("the id was given again")
	}
}

func TestErasingCancelsOpenLetters(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	id := d.reader("ann")
	d.reader("bob")
	d.post("one")
	d.at("2026-11-23T07:00:00Z")
	d.tick()
	a, _ := mailer.ParseAddress("ann@example.com")
	if _, err := d.db.Erase(d.ctx, a, d.now); err != nil {
		t.Fatal(err)
	}
	if n := d.count(`select count(*) from deliveries where subscriber = ? and state = 'cancelled' and cause = 'erased'`, id); n != 1 {
		t.Error("the open letter was not cancelled")
	}
	if n := d.count(`select count(*) from owed`) + d.count(`select count(*) from subscriptions where subscriber = ?`, id); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	unknown, _ := mailer.ParseAddress("nobody@example.com")
	if found, err := d.db.Erase(d.ctx, unknown, d.now); found || err != nil {
		t.Error(found, err)
	}
	if n := d.count(`select count(*) from suppressions where reason = 'erased' and address = ''`); n != 2 {
		t.Errorf("%d hashes", n)
	}
}
