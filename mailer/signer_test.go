package mailer_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	authentic "github.com/emersion/go-msgauth/dkim"

	"tidings.example/internal/store"
	"tidings.example/mailer"
	"tidings.example/mailer/dkim"
	"tidings.example/mailer/smtp/smtptest"
)

// addKey makes a key of an algorithm that takes no time, unless told otherwise.
func (r *rig) addKey(t testing.TB, domain, selector string, algorithm dkim.Algorithm) {
	t.Helper()
	private, err := dkim.Generate(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	k, err := dkim.NewKey(domain, selector, private)
	if err != nil {
		t.Fatal(err)
	}
	err = r.db.AddDKIMKey(t.Context(), store.NewDKIMKey{Domain: domain, Selector: selector, Algorithm: string(algorithm), Record: k.Record(), Private: private}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
}

// key finds a key by its selector.
func (r *rig) key(t testing.TB, selector string) store.DKIMKey {
	t.Helper()
	keys, err := r.db.DKIMKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.Selector == selector {
			return k
		}
	}
	t.Fatalf("no key %s in %+v", selector, keys)
	return store.DKIMKey{}
}

// selectors are those of the signatures of a letter, which must be good.
func (r *rig) selectors(t testing.TB, letter string) string {
	t.Helper()
	keys, err := r.db.DKIMKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, err := authentic.VerifyWithOptions(strings.NewReader(letter), &authentic.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		for _, k := range keys {
			if name == k.Selector+"._domainkey."+k.Domain {
				return []string{k.Record}, nil
			}
		}
		return nil, fmt.Errorf("no record %s", name)
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		if v.Err != nil {
			t.Errorf("%v\n%s", v.Err, letter)
		}
	}
	var names []string
	for line := range strings.SplitSeq(letter, "\r\n") {
		if _, s, ok := strings.Cut(line, "; s="); ok && len(names) < len(found) {
			names = append(names, strings.TrimSuffix(s, ";"))
		}
	}
	return strings.Join(names, " ")
}

// signing is a dispatcher's configuration that signs.
func (r *rig) signing(t testing.TB, srv *smtptest.Server, algorithms ...string) mailer.DispatcherConfig {
	c := r.config(over(t, srv))
	c.Signer = mailer.NewDKIM(r.db, algorithms)
	return c
}

func TestLettersAndNoticesAreSignedByTheDomainOfFrom(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.addKey(t, "blog.example", "r", dkim.RSA)
	r.addKey(t, "blog.example", "e", dkim.Ed25519)
	r.addKey(t, "other.example", "o", dkim.Ed25519)
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "weekly", 5)
	r.notice(t, mailer.Confirmation, 0, "new@example.org")
	if err := mailer.NewDispatcher(r.signing(t, srv, "rsa", "ed25519")).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := srv.Letters()
	if len(got) != 6 {
		t.Fatalf("%d letters", len(got))
	}
	for _, l := range got {
		if s := r.selectors(t, l.Text); s != "r e" {
			t.Errorf("to %s: signed by %q", l.To, s)
		}
	}
}

// TestALetterInDoubtIsSentAgainWithItsSignatures crashes between the letter and
// its result, makes a new key, and starts again.
func TestALetterInDoubtIsSentAgainWithItsSignatures(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.addKey(t, "blog.example", "old", dkim.Ed25519)
	srv := smtptest.Start(t, smtptest.Script{})
	r.issue(t, "weekly", 3)
	r.notice(t, mailer.Confirmation, 0, "new@example.org")
	if err := mailer.NewDispatcher(r.signing(t, srv, "ed25519")).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := map[string]string{}
	for _, l := range srv.Letters() {
		first[l.To] = l.Text
	}
	// A crash before the results were written, and two days of repair.
	for _, table := range []string{"deliveries", "notices"} {
		r.exec(t, `update `+table+` set state = 'inflight', owner = 'dead', cause = ''`)
	}
	r.addKey(t, "blog.example", "new", dkim.Ed25519)
	if err := r.db.UseDKIMKey(t.Context(), r.key(t, "new").ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := r.db.ForgetDKIMKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k := r.key(t, "old"); k.Wiped || k.Needed != 2 || k.Retired.IsZero() {
		t.Fatalf("the old key is %+v", k)
	}
	late := &clock{}
	late.advance(48 * time.Hour)
	c := r.signing(t, srv, "ed25519")
	c.Clock = late.now
	if err := mailer.NewDispatcher(c).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := srv.Letters()
	if len(again) != 8 {
		t.Fatalf("%d letters, want each twice", len(again))
	}
	for _, l := range again[4:] {
		if l.Text != first[l.To] {
			t.Errorf("to %s:\n%s\nwas\n%s", l.To, l.Text, first[l.To])
		}
	}
}

func TestARetiredKeyIsWipedOnceItsIssuesAreClosed(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	r.addKey(t, "blog.example", "old", dkim.Ed25519)
	srv := smtptest.Start(t, smtptest.Script{})
	issue := r.issue(t, "weekly", 3)
	drain := func() {
		t.Helper()
		if err := mailer.NewDispatcher(r.signing(t, srv, "ed25519")).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	forget := func() store.DKIMKey {
		t.Helper()
		if err := r.db.ForgetDKIMKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		return r.key(t, "old")
	}
	drain()
	r.addKey(t, "blog.example", "new", dkim.Ed25519)
	if k := r.key(t, "new"); !k.Used.IsZero() {
		t.Fatalf("a second key is used before it is published: %+v", k)
	}
	if err := r.db.UseDKIMKey(t.Context(), r.key(t, "new").ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	if k := forget(); k.Wiped || k.Needed != 1 {
		t.Fatalf("the issue is open, and its key is %+v", k)
	}
	r.exec(t, `update issues set closed_at = 1 where id = ?`, issue)
	if k := forget(); !k.Wiped || k.Needed != 0 {
		t.Fatalf("the issue is closed, and its key is %+v", k)
	}
	// A letter of the closed issue that is tried once more after all.
	r.exec(t, `update deliveries set state = 'queued', cause = 'retry' where id = (select min(id) from deliveries)`)
	r.issue(t, "daily", 1)
	drain()
	for _, l := range srv.Letters()[3:] {
		if s := r.selectors(t, l.Text); s != "new" {
			t.Errorf("to %s: signed by %q", l.To, s)
		}
	}
}

// TestKeysThatComeLaterSignTheNextIssue is an owner who publishes the keys late:
// a letter that is sent again has the bytes that it had.
func TestKeysThatComeLaterSignTheNextIssue(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir())
	signer := mailer.NewDKIM(r.db, []string{"ed25519"})
	letter := []byte("From: N <n@mail.blog.example>\r\nTo: a@b.example\r\nSubject: s\r\nDate: Wed, 25 Nov 2026 08:00:00 +0000\r\n\r\nhello\r\n")
	sign := func(issue int64) string {
		t.Helper()
		fields, err := signer.Sign(context.Background(), mailer.Letter{Issue: issue}, time.Unix(1, 0), letter)
		if err != nil {
			t.Fatal(err)
		}
		return r.selectors(t, string(append(bytes.Clone(fields), letter...)))
	}
	if s := sign(7); s != "" {
		t.Fatalf("signed by %q without a key", s)
	}
	r.addKey(t, "blog.example", "above", dkim.Ed25519)
	signer = mailer.NewDKIM(r.db, []string{"ed25519"}) // of the next process
	if s := sign(7); s != "" {
		t.Errorf("an issue that began unsigned goes on signed by %q", s)
	}
	if s := sign(10); s != "above" {
		t.Errorf("signed by %q, want the key of the domain above", s)
	}
	r.addKey(t, "mail.blog.example", "own", dkim.Ed25519)
	r.addKey(t, "blog.example.org", "stranger", dkim.Ed25519)
	if s := sign(10); s != "above" {
		t.Errorf("the issue goes on with %q", s)
	}
	if s := sign(8); s != "own" {
		t.Errorf("signed by %q, want the key of the domain itself", s)
	}
	if s := sign(0); s != "own" {
		t.Errorf("a letter of no issue is signed by %q", s)
	}
	if k := r.key(t, "own"); k.Needed != 0 {
		t.Errorf("a letter of no issue holds a key: %+v", k)
	}
	signer = mailer.NewDKIM(r.db, nil)
	if s := sign(8); s != "own" {
		t.Errorf("signing was turned off, and the issue goes on with %q", s)
	}
	if s := sign(9); s != "" {
		t.Errorf("signing was turned off, and a new issue is signed by %q", s)
	}
}
