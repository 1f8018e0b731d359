package mailer

import (
	"strings"
	"testing"
	"time"
)

func testPaths(t testing.TB, mailbox, separator string, keys ...Key) *ReturnPaths {
	t.Helper()
	p, err := NewReturnPaths(mailbox, separator, keys)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var someDay = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func TestAReturnPathTellsWhichLetterCameBack(t *testing.T) {
	t.Parallel()
	for _, separator := range []string{"+", "-"} {
		p := testPaths(t, "Bounces@Blog.Example.org", separator, secretKey(1, false))
		for _, want := range []Origin{{Issue: 1, Subscriber: 1}, {Issue: 42, Subscriber: 1_000_000}, {Issue: 1 << 40, Subscriber: 1 << 38}, {Notice: 9}} {
			l := Letter{LetterRef: LetterRef{Notice: want.Notice != 0, ID: want.Notice}, Issue: want.Issue, Subscriber: want.Subscriber}
			address := p.Of(l, "Lin@example.net")
			local, _, _ := strings.Cut(address, "@")
			if len(local) > 64 || checkAddress(address) != nil || address != p.Of(l, "lin@example.net") {
				t.Fatalf("%q is no address for one letter", address)
			}
			for _, seen := range []string{address, strings.ToLower(address), strings.ToUpper(address), "<" + address + ">"} {
				got, ok := p.Read(seen, someDay)
				if !ok || got.Notice != want.Notice || got.Issue != want.Issue || got.Subscriber != want.Subscriber || got.Proof != ProvenByAddress {
					t.Fatalf("%s is read as %+v, %v", seen, got, ok)
				}
				if !got.WentTo("lin@example.net") || got.WentTo("wei@example.net") {
					t.Fatalf("%s does not know where the letter went", seen)
				}
			}
		}
	}
}

func TestAForgedReturnPathProvesNothing(t *testing.T) {
	t.Parallel()
	p := testPaths(t, "bounces@example.org", "+", secretKey(1, false))
	address := p.Of(Letter{Issue: 42, Subscriber: 7}, "lin@example.net")
	for i := range strings.IndexByte(address, '@') {
		for _, c := range []byte("a2.-z9") {
			forged := address[:i] + string(c) + address[i+1:]
			if _, ok := p.Read(forged, someDay); ok && forged != address {
				t.Fatalf("forged at %d: %q", i, forged)
			}
		}
	}
	for _, other := range []string{"", "@", "bounces@example.org", "bounces+@example.org", "bounces+1.2.@example.org", "bounces+01.2." + strings.Repeat("a", 20) + "@example.org",
		strings.Replace(address, "@example.org", "@example.com", 1), strings.Replace(address, "bounces+", "bounces-", 1), "x" + address} {
		if _, ok := p.Read(other, someDay); ok {
			t.Errorf("%q proves something", other)
		}
	}
	if _, ok := testPaths(t, "bounces@example.org", "+", secretKey(2, false)).Read(address, someDay); ok {
		t.Error("another key proves it")
	}
}

func TestARetiredKeyKnowsReturnPathsAsLongAsLettersMayComeBack(t *testing.T) {
	t.Parallel()
	address := testPaths(t, "bounces@example.org", "+", secretKey(1, false)).Of(Letter{Issue: 42, Subscriber: 7}, "lin@example.net")
	old := secretKey(1, true)
	old.RetiredAt = someDay
	p := testPaths(t, "bounces@example.org", "+", old, secretKey(2, false))
	first, ok := p.Read(address, someDay.Add(ReturnFor))
	if !ok {
		t.Fatal("a letter that came back late is not known")
	}
	// Another attempt at it has another address, which leads to the same letter.
	again := p.Of(Letter{Issue: 42, Subscriber: 7}, "lin@example.net")
	second, ok := p.Read(again, someDay)
	if again == address || !ok || first.Issue != second.Issue || first.Subscriber != second.Subscriber || !first.WentTo("lin@example.net") || !second.WentTo("lin@example.net") {
		t.Errorf("%s is %+v, and %s is %+v, %t", address, first, again, second, ok)
	}
	if _, ok := p.Read(address, someDay.Add(ReturnFor+time.Hour)); ok {
		t.Error("a key is good for ever")
	}
	if _, err := NewReturnPaths("bounces@example.org", "+", []Key{old}); err == nil {
		t.Error("a retired key signs")
	}
	if _, err := NewReturnPaths("bounces@", "+", []Key{secretKey(1, false)}); err == nil {
		t.Error("a mailbox without a domain is taken")
	}
}

func TestAMailboxWithoutRoomOrSeparatorTakesEveryLetterItself(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("b", 40) + "@example.org"
	for _, p := range []*ReturnPaths{testPaths(t, long, "+", secretKey(1, false)), testPaths(t, "bounces@example.org", "", secretKey(1, false))} {
		if got := p.Of(Letter{Issue: 42, Subscriber: 7}, "lin@example.net"); got != p.Mailbox || !p.Ours(got) {
			t.Errorf("%q is not the mailbox", got)
		}
	}
	p := testPaths(t, "bounces@example.org", "+", secretKey(1, false))
	if !p.Ours("BOUNCES+forged@example.ORG") || p.Ours("bounce@example.org") || p.Ours("bounces+a@example.com") {
		t.Error("its own addresses are not told from others")
	}
}

func FuzzReturnPath(f *testing.F) {
	p := testPaths(f, "bounces@example.org", "+", secretKey(1, true), secretKey(2, false))
	f.Add(p.Of(Letter{Issue: 42, Subscriber: 7}, "lin@example.net"))
	f.Add("bounces+0.9.aaaabbbbbbbbbbbbbbbb@example.org")
	f.Add("bounces+..@example.org")
	f.Fuzz(func(t *testing.T, address string) {
		o, ok := p.Read(address, someDay)
		if !ok {
			return
		}
		l := Letter{LetterRef: LetterRef{Notice: o.Notice != 0, ID: o.Notice}, Issue: o.Issue, Subscriber: o.Subscriber}
		if again, ok := p.Read(p.Of(l, "x@example.net"), someDay); !ok || again.Issue != o.Issue || again.Subscriber != o.Subscriber || again.Notice != o.Notice {
			t.Fatalf("%q is %+v, which comes back as %+v", address, o, again)
		}
	})
}
