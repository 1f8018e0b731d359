package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
)

func TestAHardBounceSuppressesOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	for _, effect := range []mailer.ReturnedEffect{mailer.EffectSuppressed, mailer.EffectKnown, mailer.EffectKnown} {
		v := d.gets(undelivered(d.verp(1003), "r3@d1.example", "5.1.1", noUser), mailer.ReturnedHard, effect)
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
		d.gets(undelivered(path, "r1@d1.example", "4.2.2", "452 4.2.2 full"), mailer.ReturnedSoft, mailer.EffectKnown)
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

// countingDesk counts how often the readers of an issue are looked through.
type countingDesk struct {
	mailer.Desk
	read int
}

func (l *countingDesk) Readers(ctx context.Context, issue int64, likely []string) iter.Seq2[int64, error] {
	l.read++
	return l.Desk.Readers(ctx, issue, likely)
}

func TestOneReportCostsOneList(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 3)
	counted := &countingDesk{Desk: d.db}
	d.receiver.Desk = counted
	var ids []string
	for _, letter := range "abcd" {
		ids = append(ids, "<1."+strings.Repeat(string(letter), 24)+"@blog.example>")
	}
	d.gets(undelivered("bounces@blog.example", "x@y.example", "5.1.1", noUser, "Message-ID: "+strings.Join(ids, " ")), mailer.ReturnedUnproven, mailer.EffectNone)
	if counted.read != 1 {
		t.Errorf("%d lists were read", counted.read)
	}
}
