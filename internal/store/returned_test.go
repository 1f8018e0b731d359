package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
)

// desk is a database with one issue that went out, and who reads what comes back.
type desk struct {
	t        *testing.T
	db       *DB
	receiver *mailer.Receiver
	links    *mailer.SignedLinks
	letters  map[int64]mailer.Letter // by subscriber
	now      time.Time
}

// newDesk sends an issue to readers: r0@d1.example is subscriber 1000.
func newDesk(t *testing.T, readers int) *desk {
	t.Helper()
	db := outboxed(t, readers)
	d := &desk{t: t, db: db, letters: map[int64]mailer.Letter{}, now: at.Add(time.Hour)}
	d.exec(`update waves set readers = ?, letters = ?`, readers, readers)
	err := db.Write(t.Context(), func(tx *Tx) error {
		h, err := newHasher(tx, at)
		for n := range readers {
			if err == nil {
				_, err = tx.Exec(`update subscribers set hash = ? where id = ?`, h.hash(mailed(t, fmt.Sprintf("r%d@d1.example", n))), 1000+n)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := db.Keys(t.Context(), "token", at)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := mailer.NewTokens(keys)
	if err != nil {
		t.Fatal(err)
	}
	keys, err = db.Keys(t.Context(), "return_path", at)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := mailer.NewReturnPaths("bounces@blog.example", "+", keys)
	if err != nil {
		t.Fatal(err)
	}
	d.receiver = &mailer.Receiver{Paths: paths, Tokens: tokens, Desk: db, Leave: mailer.LeaveMailbox{Mailbox: "leave@blog.example", Separator: "+"}}
	d.links = &mailer.SignedLinks{Base: "https://news.blog.example/", Tokens: tokens}
	d.sendAll(readers)
	return d
}

func mailed(t *testing.T, text string) mailer.Address {
	t.Helper()
	a, err := mailer.ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sendAll sends what is due.
func (d *desk) sendAll(n int) {
	d.t.Helper()
	got, err := d.db.Claim(d.t.Context(), mailer.ClaimRequest{Owner: "me", Now: d.now, Lease: time.Minute, Deliveries: n, Domain: "blog.example"})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, l := range got {
		if g := chained(d.t, d.db, mailer.Step{Now: d.now, Next: &l}); !g.Send {
			continue
		}
		chained(d.t, d.db, mailer.Step{Now: d.now, Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Sent, Cause: "accepted", Reply: "250 ok"}}})
		d.letters[l.Subscriber] = l
	}
}

func (d *desk) exec(text string, args ...any) {
	d.t.Helper()
	if err := d.db.Write(d.t.Context(), func(tx *Tx) error { _, err := tx.Exec(text, args...); return err }); err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
}

// gets hands a message in, and wants an effect.
func (d *desk) gets(raw string, kind mailer.ReturnedKind, effect mailer.ReturnedEffect) mailer.Returned {
	d.t.Helper()
	v, got, err := d.receiver.Receive(d.t.Context(), mailer.Mail{Source: "test", Raw: []byte(raw)}, d.now)
	if err != nil || v.Kind != kind || got != effect {
		d.t.Fatalf("%s, %s, %v; want %s, %s", v.Kind, got, err, kind, effect)
	}
	return v
}

// verp is the address that the letter to a subscriber comes back to.
func (d *desk) verp(subscriber int64) string {
	l := d.letters[subscriber]
	return d.receiver.Paths.Of(l, l.To)
}

// undelivered is a report about one recipient.
func undelivered(to, address, status, reply string, more ...string) string {
	return fmt.Sprintf("From: MAILER-DAEMON@mx.example.net\r\nTo: <%s>\r\nSubject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"+
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n\r\n"+
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n--b--\r\n", to, address, status, reply, strings.Join(more, "\r\n"))
}

const noUser = "550 5.1.1 user unknown"

// complaint is a feedback report.
func complaint(kind, from string, more ...string) string {
	return fmt.Sprintf("From: loop@isp.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"+
		"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: %s\r\nOriginal-Mail-From: <%s>\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n\r\n--b--\r\n", kind, from, strings.Join(more, "\r\n"))
}

// reader is state, suppressions and delivery of a subscriber in a line.
func (d *desk) reader(subscriber int64) string {
	d.t.Helper()
	return text(d.t, d.db, `select u.state || ' ' || coalesce((select group_concat(reason) from suppressions p where p.hash = u.hash), '-') || ' ' ||
		coalesce((select d.state || ': ' || d.cause from deliveries d where d.subscriber = u.id), '-') from subscribers u where u.id = ?`, subscriber)
}

func (d *desk) wants(subscriber int64, want string) {
	d.t.Helper()
	if got := d.reader(subscriber); got != want {
		d.t.Errorf("reader %d is %q, want %q", subscriber, got, want)
	}
}

const untouched = "active - sent: "

func TestAHardBounceSuppressesOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	for range 3 {
		v := d.gets(undelivered(d.verp(1003), "r3@d1.example", "5.1.1", noUser), mailer.ReturnedHard, mailer.EffectSuppressed)
		if v.Origin.Proof != mailer.ProvenByAddress || v.Origin.Issue != 1 || v.Origin.Subscriber != 1003 {
			t.Errorf("%+v", v.Origin)
		}
		d.now = d.now.Add(time.Hour)
	}
	d.wants(1003, "bounced bounced bounced: came back: hard bounce")
	d.wants(1004, untouched)
	if n := text(t, d.db, `select count(*) from bounces`); n != "1" {
		t.Errorf("%s bounces are kept", n)
	}
	list, err := d.db.Returned(t.Context(), ReturnedFilter{Limit: 10, Address: "R3@d1.example", Kind: "hard"})
	if err != nil || len(list) != 1 || list[0].Status != "5.1.1" || list[0].Reply != noUser || list[0].Effect != "suppressed" || list[0].Source != "test" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestAReportIsTracedByAProofAndNothingElse(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 40)
	id := func(n int64) string { return "Message-ID: <" + d.letters[n].MessageID + ">" }
	link := func(n int64) string { return "List-Unsubscribe: <" + d.links.Unsubscribe(n, "d1") + ">" }
	for n, raw := range map[int64]string{
		1001: undelivered("bounces@blog.example", "x@forwarded.example", "5.1.1", noUser, id(1001)),             // found among all
		1002: undelivered("bounces@blog.example", "R2@D1.example", "5.1.1", noUser, strings.ToLower(id(1002))),  // found by its address
		1003: undelivered("bounces@blog.example", "x@forwarded.example", "5.1.1", noUser, link(1003), id(1003)), // both
		1004: undelivered("bounces@blog.example", "x@forwarded.example", "5.1.1", noUser, "Return-Path: <"+d.verp(1004)+">"),
		1005: undelivered("bounces@blog.example", "x@forwarded.example", "5.1.1", noUser, link(1005), "Message-ID: <1.aaaaaaaaaaaaaaaaaaaaaaaa@blog.example>"),
	} {
		d.gets(raw, mailer.ReturnedHard, mailer.EffectSuppressed)
		d.wants(n, "bounced bounced bounced: came back: hard bounce")
	}
	forged := strings.Replace(d.verp(1010), "bounces+1.", "bounces+2.", 1)
	for name, raw := range map[string]string{
		"an address in the text": undelivered("bounces@blog.example", "r10@d1.example", "5.1.1", noUser),
		"a forged address":       undelivered(forged, "r10@d1.example", "5.1.1", noUser),
		"a forged Message-ID":    undelivered("bounces@blog.example", "r10@d1.example", "5.1.1", noUser, "Message-ID: <1.aaaaaaaaaaaaaaaaaaaaaaaa@blog.example>"),
		"another domain":         undelivered("bounces@blog.example", "r10@d1.example", "5.1.1", noUser, strings.Replace(id(1010), "@blog", "@other", 1)),
		"no such issue":          undelivered("bounces@blog.example", "r10@d1.example", "5.1.1", noUser, strings.Replace(id(1010), "<1.", "<7.", 1)),
		"a forged link":          undelivered("bounces@blog.example", "r10@d1.example", "5.1.1", noUser, strings.Replace(link(1010), "/u/dQ", "/u/dR", 1)),
		"a forged complaint":     complaint("abuse", forged),
	} {
		t.Log(name)
		d.gets(raw, mailer.ReturnedUnproven, mailer.EffectNone)
		d.wants(1010, untouched)
	}
}

func TestTheMildestOfSeveralRecipientsCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 9)
	two := strings.Replace(undelivered(d.verp(1001), "anna@alias.example", "5.1.1", noUser), "\r\n\r\n--b\r\nContent-Type: text/rfc822-headers",
		"\r\n\r\nFinal-Recipient: rfc822; ben@alias.example\r\nAction: relayed\r\nStatus: 2.0.0\r\n\r\n--b\r\nContent-Type: text/rfc822-headers", 1)
	d.gets(two, mailer.ReturnedRelayed, mailer.EffectNone)
	d.wants(1001, untouched)
	own := strings.Replace(two, "ben@alias.example", "somebody@else.example", 1)
	own = strings.Replace(own, "Final-Recipient: rfc822; anna", "Original-Recipient: rfc822; r1@d1.example\r\nFinal-Recipient: rfc822; anna", 1)
	d.gets(own, mailer.ReturnedHard, mailer.EffectSuppressed)
}

func TestWhatIsNotTheReadersFaultSuppressesNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 30)
	for i, c := range []struct {
		status, reply string
		kind          mailer.ReturnedKind
		effect        mailer.ReturnedEffect
	}{
		{"5.7.1", "550 5.7.1 blocked", mailer.ReturnedPolicy, mailer.EffectNone},
		{"5.6.0", "554 5.6.0 broken MIME", mailer.ReturnedPolicy, mailer.EffectNone},
		{"5.1.8", "550 5.1.8 bad sender", mailer.ReturnedPolicy, mailer.EffectNone},
		{"5.3.4", "552 5.3.4 too large", mailer.ReturnedPolicy, mailer.EffectNone},
		{"5.2.2", "552 5.2.2 over quota", mailer.ReturnedSoft, mailer.EffectCounted},
		{"4.4.7", "message expired", mailer.ReturnedSoft, mailer.EffectCounted},
		{"5.4.4", "host not found", mailer.ReturnedSoft, mailer.EffectCounted},
		{"9.9.9", "cabbage", mailer.ReturnedSoft, mailer.EffectCounted},
		{"5.0.0", "550 go away", mailer.ReturnedBare, mailer.EffectCounted},
		{"5.1.10", "550 5.1.10 gone", mailer.ReturnedHard, mailer.EffectSuppressed},
	} {
		n := int64(1000 + i)
		d.gets(undelivered(d.verp(n), "x@y.example", c.status, c.reply), c.kind, c.effect)
		if c.effect != mailer.EffectSuppressed {
			d.wants(n, "active - bounced: came back: "+string(c.kind)+" bounce")
		}
	}
}

func TestSoftBouncesOnFiveDaysAreAHardOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 3)
	for n := int64(2); n <= 6; n++ {
		// Each issue to the same reader: one more day.
		d.exec(`insert into issues (id, digest, cadence, label, cut, due_at, opened_at) values (?, 'd1', 'weekly', ?, 1, 1, 1)`, n, fmt.Sprint("W", n))
		d.now = d.now.Add(24 * time.Hour)
		want := mailer.EffectCounted
		if n == 6 {
			want = mailer.EffectSuppressed
		}
		path := d.receiver.Paths.Of(mailer.Letter{Issue: n, Subscriber: 1001}, "r1@d1.example")
		d.gets(undelivered(path, "r1@d1.example", "4.2.2", "452 4.2.2 full"), mailer.ReturnedSoft, want)
		d.gets(undelivered(path, "r1@d1.example", "4.2.2", "452 4.2.2 full"), mailer.ReturnedSoft, want)
	}
	d.wants(1001, "bounced bounced sent: ")
}

func TestABareRefusalIsBelievedTheSecondTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 3)
	d.gets(undelivered(d.verp(1001), "r1@d1.example", "5.0.0", "550 go away"), mailer.ReturnedBare, mailer.EffectCounted)
	d.now = d.now.Add(7 * 24 * time.Hour)
	d.gets(undelivered(d.receiver.Paths.Of(mailer.Letter{Issue: 2, Subscriber: 1001}, "r1@d1.example"), "r1@d1.example", "5.0.0", "550 go away"), mailer.ReturnedBare, mailer.EffectSuppressed)
	d.wants(1001, "bounced bounced bounced: came back: bare bounce")
}

func TestABounceOfAnOldAddressDoesNotReachTheNewOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 9)
	path, id := d.verp(1001), d.letters[1002].MessageID
	d.exec(`update subscribers set address = 'new' || id || '@d1.example', address_key = 'new' || id || '@d1.example', hash = 'h' || id where id in (1001, 1002, 1003)`)
	d.gets(undelivered(path, "r1@d1.example", "5.1.1", noUser), mailer.ReturnedHard, mailer.EffectStale)
	d.gets(undelivered("bounces@blog.example", "r2@d1.example", "5.1.1", noUser, "Message-ID: <"+id+">"), mailer.ReturnedHard, mailer.EffectStale)
	d.wants(1001, "active - bounced: came back: hard bounce")
	d.wants(1002, "active - bounced: came back: hard bounce")
	// Whoever complains at the old address is not mailed there again.
	d.gets(complaint("abuse", d.verp(1003)), mailer.ReturnedComplaint, mailer.EffectSuppressed)
	d.wants(1003, untouched)
	if got := text(t, d.db, `select address || ' ' || reason from suppressions`); got != "r3@d1.example complained" {
		t.Errorf("suppressed is %q", got)
	}
}

func TestAReportOfAFoldedLetterCountsWithoutItsRow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	path, moved := d.verp(1001), d.verp(1002)
	d.exec(`delete from deliveries where subscriber in (1001, 1002)`)
	d.exec(`update subscribers set address = 'new@d1.example', address_key = 'new@d1.example' where id = 1002`)
	d.gets(undelivered(path, "r1@d1.example", "5.1.1", noUser), mailer.ReturnedHard, mailer.EffectSuppressed)
	d.gets(undelivered(moved, "r2@d1.example", "5.1.1", noUser), mailer.ReturnedHard, mailer.EffectStale)
	d.wants(1001, "bounced bounced -")
	d.wants(1002, "active - -")
}

func TestAReportOfAnErasedReaderKeepsNothingOfThem(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 9)
	path := d.verp(1001)
	if _, err := d.db.Erase(t.Context(), mailed(t, "r1@d1.example"), d.now); err != nil {
		t.Fatal(err)
	}
	d.gets(undelivered(path, "r1@d1.example", "5.1.1", "550 5.1.1 <r1@d1.example>: user unknown"), mailer.ReturnedHard, mailer.EffectErased)
	d.gets(complaint("abuse", path), mailer.ReturnedComplaint, mailer.EffectErased)
	if n := text(t, d.db, `select count(*) from bounces where address || reply || author || subject like '%r1%'`); n != "0" {
		t.Errorf("%s rows name them", n)
	}
}

func TestAnErasedAddressIsGoneFromMailThatWasKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 3)
	d.gets("From: Lin <R1@d1.example>\r\nSubject: hello\r\n\r\nA question.\r\n", mailer.ReturnedForAPerson, mailer.EffectKept)
	d.gets("From: wei@example.net\r\nSubject: hello\r\n\r\nA question.\r\n", mailer.ReturnedForAPerson, mailer.EffectKept)
	if _, err := d.db.Erase(t.Context(), mailed(t, "r1@d1.example"), d.now); err != nil {
		t.Fatal(err)
	}
	if got := text(t, d.db, `select group_concat(author) from bounces`); got != "wei@example.net" {
		t.Errorf("kept is the mail of %s", got)
	}
}

func TestAComplaintSuppressesAndIsToldOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 9)
	for range 2 {
		d.gets(complaint("abuse", d.verp(1001)), mailer.ReturnedComplaint, mailer.EffectSuppressed)
	}
	d.gets(complaint("not-spam", d.verp(1001)), mailer.ReturnedNotSpam, mailer.EffectNone)
	d.wants(1001, "complained complained sent: ")
	list, err := d.db.Returned(t.Context(), ReturnedFilter{Limit: 10, Untold: true})
	if err != nil || len(list) != 1 || list[0].Address != "r1@d1.example" {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := d.db.ToldReturned(t.Context(), list, d.now); err != nil {
		t.Fatal(err)
	}
	if list, err := d.db.Returned(t.Context(), ReturnedFilter{Limit: 10, Untold: true}); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestAMailToLeaveEndsOneSubscription(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 9)
	mail := func(to, subject, extra string) string {
		return "From: Lin <lin@example.net>\r\nTo: " + to + "\r\nSubject: " + subject + "\r\n" + extra + "\r\n"
	}
	token := d.links.LeaveToken(1001, "d1")
	for range 2 {
		d.gets(mail("leave+"+strings.ToUpper(token)+"@blog.example", "unsubscribe", ""), mailer.ReturnedLeave, mailer.EffectUnsubscribed)
	}
	d.wants(1001, "unsubscribed unsubscribed sent: ")
	d.gets(mail("leave@blog.example", "Unsubscribe "+d.links.LeaveToken(1002, "d1"), ""), mailer.ReturnedLeave, mailer.EffectUnsubscribed)
	d.gets(mail("leave+"+d.links.LeaveToken(1003, "d1")+"@blog.example", "", "Auto-Submitted: auto-generated\r\n"), mailer.ReturnedLeave, mailer.EffectUnsubscribed)

	here := "leave+" + d.links.LeaveToken(1004, "d1") + "@blog.example"
	d.gets(mail(here, "Out of office", ""), mailer.ReturnedAutoReply, mailer.EffectNone)
	d.gets(mail(here, "Ticket 5", "X-Autoreply: yes\r\n"), mailer.ReturnedAutoReply, mailer.EffectNone)
	d.gets(mail(here, "Weekly", "Auto-Submitted: auto-replied\r\n"), mailer.ReturnedAutoReply, mailer.EffectNone)
	d.gets(mail("leave+"+d.links.LeaveToken(1004, "d2")+"@blog.example", "unsubscribe", ""), mailer.ReturnedForAPerson, mailer.EffectKept)
	d.gets(mail("leave+4.aaaaaaaaaaaaaaaa@blog.example", "unsubscribe", ""), mailer.ReturnedForAPerson, mailer.EffectKept)
	d.gets(mail("leave@blog.example", "please remove me", ""), mailer.ReturnedForAPerson, mailer.EffectKept)
	d.wants(1004, untouched)
}

func TestAFloodOfBouncesSuppressesNobodyUntilTheOwnerSaysSo(t *testing.T) {
	t.Parallel()
	for _, believe := range []bool{true, false} {
		d := newDesk(t, 20)
		d.exec(`update subscribers set state = 'paused' where id = 1000`)
		for n := int64(1000); n < 1004; n++ {
			d.gets(undelivered(d.verp(n), "x@y.example", "5.1.2", "550 5.1.2 no such domain"), mailer.ReturnedHard, mailer.EffectSuppressed)
		}
		d.exec(`insert into suppressions (hash, reason, address, at) select hash, 'operator', address, 1 from subscribers where id = 1001`)
		d.gets(undelivered(d.verp(1004), "x@y.example", "5.1.2", "550 5.1.2 no such domain"), mailer.ReturnedHard, mailer.EffectHeld)
		d.wants(1000, "paused - bounced: came back: hard bounce")
		d.wants(1001, "active operator bounced: came back: hard bounce")
		d.wants(1004, "active - bounced: came back: hard bounce")
		held, err := d.db.SuspectIssues(t.Context())
		if err != nil || len(held) != 1 || held[0].Returned != 5 || held[0].Letters != 20 {
			t.Fatalf("held are %+v, %v", held, err)
		}
		if n, err := d.db.SettleReturned(t.Context(), 1, believe, d.now); err != nil || n != 5 {
			t.Fatalf("%d, %v", n, err)
		}
		after, state := mailer.EffectSuppressed, "bounced bounced"
		if !believe {
			after, state = mailer.EffectBlamed, "active -"
		}
		d.gets(undelivered(d.verp(1005), "x@y.example", "5.1.2", "550 5.1.2 no such domain"), mailer.ReturnedHard, after)
		d.wants(1005, state+" bounced: came back: hard bounce")
		if held, err := d.db.SuspectIssues(t.Context()); err != nil || len(held) != 0 {
			t.Errorf("held are %+v, %v", held, err)
		}
	}
}

func TestAReportThatIsFasterThanTheResultComesAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 2)
	fill(t, d.db, 2, 1)
	l := intended(t, d.db, d.now)
	raw := undelivered(d.receiver.Paths.Of(l, l.To), l.To, "5.1.1", noUser)
	if _, _, err := d.receiver.Receive(t.Context(), mailer.Mail{Raw: []byte(raw)}, d.now); !errors.Is(err, mailer.ErrTooEarly) {
		t.Fatal(err)
	}
	chained(t, d.db, mailer.Step{Now: d.now, Results: []mailer.Result{{LetterRef: l.LetterRef, State: mailer.Sent, Cause: "accepted"}}})
	d.gets(raw, mailer.ReturnedHard, mailer.EffectSuppressed)
	d.wants(l.Subscriber, "bounced bounced bounced: came back: hard bounce")
}

func TestANoticeThatComesBackEndsItsReader(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 3)
	d.exec(`insert into notices (id, subscriber, kind, request, recipient, subject, letter, message_id, state, address, created_at) values
		(7, 1001, 'confirmation', 'x', 'r1@d1.example', 's', x'', 'notice.abc@blog.example', 'sent', 'r1@d1.example', 1), (8, 1002, 'confirmation', 'x', 'r2@d1.example', 's', x'', 'notice.def@blog.example', 'sent', 'r2@d1.example', 1)`)
	path := d.receiver.Paths.Of(mailer.Letter{LetterRef: mailer.LetterRef{Notice: true, ID: 7}}, "r1@d1.example")
	d.gets(undelivered(path, "r1@d1.example", "5.1.1", noUser), mailer.ReturnedHard, mailer.EffectSuppressed)
	d.gets(undelivered("bounces@blog.example", "r2@d1.example", "5.1.1", noUser, "Message-ID: <notice.def@blog.example>"), mailer.ReturnedHard, mailer.EffectSuppressed)
	if got := text(t, d.db, `select group_concat(state || ' ' || cause) from notices`); got != "bounced came back: hard bounce,bounced came back: hard bounce" {
		t.Errorf("notices are %s", got)
	}
	d.wants(1001, "bounced bounced "+"sent: ")
}

func TestOnlyOurOwnAddressesAreTakenAtTheDoor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 3)
	leave := "leave+" + d.links.LeaveToken(1001, "d1") + "@blog.example"
	for a, want := range map[string]bool{
		d.verp(1001): true, "Bounces@blog.example": true, leave: true, strings.ToUpper(leave): true, "leave@blog.example": true,
		strings.Replace(d.verp(1001), "1.", "2.", 1): false, "leave+4.aaaaaaaaaaaaaaaa@blog.example": false, "leave+@blog.example": true, "news@blog.example": false, "": false, "bounces": false,
	} {
		if got, err := d.receiver.Takes(context.Background(), a, d.now); err != nil || got != want {
			t.Errorf("%s: %v, %v", a, got, err)
		}
	}
}

func TestOldMailThatChangedNothingIsForgotten(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 9)
	d.gets("From: lin@example.net\r\nSubject: hello\r\n\r\n", mailer.ReturnedForAPerson, mailer.EffectKept)
	d.gets(undelivered(d.verp(1001), "r1@d1.example", "5.1.1", noUser), mailer.ReturnedHard, mailer.EffectSuppressed)
	if err := d.db.ForgetReturned(t.Context(), d.now.AddDate(0, 0, 89)); err != nil {
		t.Fatal(err)
	}
	if n := text(t, d.db, `select count(*) from bounces`); n != "2" {
		t.Errorf("%s are left after 89 days", n)
	}
	if err := d.db.ForgetReturned(t.Context(), d.now.AddDate(0, 0, 91)); err != nil {
		t.Fatal(err)
	}
	if got := text(t, d.db, `select group_concat(kind) from bounces`); got != "hard" {
		t.Errorf("%s are left after 91 days", got)
	}
}
