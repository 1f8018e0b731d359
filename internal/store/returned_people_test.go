package store

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tidings.example/mailer"
)

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
	for _, effect := range []mailer.ReturnedEffect{mailer.EffectSuppressed, mailer.EffectKnown} {
		d.gets(complaint("abuse", d.verp(1001)), mailer.ReturnedComplaint, effect)
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
	for _, effect := range []mailer.ReturnedEffect{mailer.EffectUnsubscribed, mailer.EffectKnown} {
		d.gets(mail("leave+"+strings.ToUpper(token)+"@blog.example", "unsubscribe", ""), mailer.ReturnedLeave, effect)
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

func TestOneMailLeavesEveryNewsletterThatItIsHandedInFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 9)
	var to []string
	for n := int64(1001); n < 1003; n++ {
		to = append(to, "leave+"+d.links.LeaveToken(n, "d1")+"@blog.example")
	}
	raw := []byte("From: Lin <lin@example.net>\r\nTo: " + strings.Join(to, ", ") + "\r\nSubject: unsubscribe\r\n\r\n")
	for _, one := range to {
		if _, got, err := d.receiver.Receive(t.Context(), mailer.Mail{Source: "lmtp", To: []string{one}, Raw: raw}, d.now); err != nil || got != mailer.EffectUnsubscribed {
			t.Errorf("%s, %v", got, err)
		}
	}
	d.wants(1001, "unsubscribed unsubscribed sent: ")
	d.wants(1002, "unsubscribed unsubscribed sent: ")
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

// What came after a crash in the middle of it, a report that comes again ends.
func TestAFloodIsTakenBackTogetherWithWhatACrashLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	for n := int64(1000); n < 1005; n++ {
		effect := mailer.EffectSuppressed
		if n == 1004 {
			effect = mailer.EffectKnown
			d.exec(`create trigger crash before delete on suppressions when (select count(*) from suppressions) < 3 begin select raise(abort, 'crash'); end`)
			raw := undelivered(d.verp(n), "x@y.example", "5.1.2", "550 5.1.2 no such domain")
			if _, _, err := d.receiver.Receive(t.Context(), mailer.Mail{Raw: []byte(raw)}, d.now); err == nil {
				t.Fatal("nothing crashed")
			}
			d.exec(`drop trigger crash`)
		}
		d.gets(undelivered(d.verp(n), "x@y.example", "5.1.2", "550 5.1.2 no such domain"), mailer.ReturnedHard, effect)
	}
	if n := text(t, d.db, `select count(*) from suppressions`); n != "0" {
		t.Errorf("%s are suppressed", n)
	}
	if n := text(t, d.db, `select count(*) from bounces where verdict = 'held'`); n != "5" {
		t.Errorf("%s wait for the owner's word", n)
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
