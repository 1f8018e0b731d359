package dkim_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	authentic "github.com/emersion/go-msgauth/dkim"

	"tidings.example/mailer/dkim"
)

// at is the time of the letters of these tests.
var at = time.Date(2026, 11, 25, 8, 0, 0, 123e6, time.UTC)

// pair makes a key of each algorithm, once: RSA takes its time.
var pair = sync.OnceValues(func() ([]*dkim.Key, error) {
	var keys []*dkim.Key
	for _, a := range []dkim.Algorithm{dkim.RSA, dkim.Ed25519} {
		private, err := dkim.Generate(a)
		if err != nil {
			return nil, err
		}
		k, err := dkim.NewKey("blog.example.org", "t20261125-"+string(a), private)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
})

func both(t testing.TB) []*dkim.Key {
	t.Helper()
	keys, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// hard are letters with what goes wrong on the way.
var hard = map[string]string{
	"digest": "Date: Wed, 25 Nov 2026 08:00:00 +0000\r\nFeedback-ID: issue1:weekly:digest:abc\r\nList-Archive: <https://news.example.org/issues>\r\n" +
		"List-Id: <weekly.blog.example.org>\r\nList-Unsubscribe: <https://news.example.org/u/" + strings.Repeat("tOken-", 140) + ">,\r\n <mailto:leave@blog.example.org?subject=unsubscribe>\r\n" +
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\nMessage-ID: <1.abc@blog.example.org>\r\nPrecedence: bulk\r\n" +
		"Subject: =?utf-8?q?=E5=91=A8=E6=8A=A5?=\r\n =?utf-8?q?_second?=\r\nFrom: =?utf-8?q?=E5=8D=9A=E5=AE=A2?= <news@blog.example.org>\r\nTo: <ann@example.com>\r\n" +
		"Reply-To: <me@example.org>\r\nContent-Type: multipart/alternative;\r\n boundary=x\r\n\r\n--x\r\n\r\nHello, reader =\r\nhere.\r\n--x--\r\n",
	"dots":            plainHead + ".\r\n..\r\n.hidden\r\n. \r\n",
	"blank ends":      plainHead + "text\r\n\r\n \t \r\n\r\n\r\n",
	"blank inside":    plainHead + "\r\n\r\na\r\n\r\n \r\n\r\nb\r\n",
	"white space":     plainHead + "a  b\tc \t d \r\n\te\t\r\n  f\r\n" + strings.Repeat("word word  word \r\n", 40) + "end",
	"no body":         plainHead,
	"only blanks":     plainHead + " \r\n\t\r\n\r\n",
	"no last newline": plainHead + "one\r\ntwo",
	"eight bits":      day + "From: Ünïcode <news@blog.example.org>\r\nTo: <grüße@example.com>\r\nSubject: 周报\r\n\r\n你好  世界 \r\n",
	"loose header":    day + "FROM :\tnews@blog.example.org  \r\nsubject:\r\n\tfolded\r\n\t  twice \r\nTO:a@example.com\r\nX-Other: 1\r\n\r\nbody\r\n",
}

// day is a field that a judge wants.
const day = "Date: Wed, 25 Nov 2026 08:00:00 +0000\r\n"

const plainHead = day + "From: news@blog.example.org\r\nTo: a@example.com\r\nSubject: s\r\n\r\n"

// published answers for the DNS.
func published(keys []*dkim.Key) func(string) ([]string, error) {
	return func(name string) ([]string, error) {
		for _, k := range keys {
			if k.Name() == name {
				return []string{k.Record()}, nil
			}
		}
		return nil, fmt.Errorf("no record of %s", name)
	}
}

// verify is what a receiver says to a letter, by somebody else's code.
func verify(t testing.TB, letter []byte, keys []*dkim.Key) []error {
	t.Helper()
	found, err := authentic.VerifyWithOptions(bytes.NewReader(letter), &authentic.VerifyOptions{LookupTXT: published(keys)})
	if err != nil {
		t.Fatal(err)
	}
	var errs []error
	for _, v := range found {
		errs = append(errs, v.Err)
	}
	return errs
}

func sign(t testing.TB, letter string, keys ...*dkim.Key) []byte {
	t.Helper()
	fields, err := dkim.Sign([]byte(letter), at, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return append(fields, letter...)
}

func TestHardLettersVerify(t *testing.T) {
	t.Parallel()
	keys := both(t)
	for name, letter := range hard {
		got := verify(t, sign(t, letter, keys...), keys)
		if len(got) != 2 || got[0] != nil || got[1] != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestEveryChangeIsNoticed changes a letter as nobody on the way may.
func TestEveryChangeIsNoticed(t *testing.T) {
	t.Parallel()
	keys := both(t)
	letter := hard["digest"]
	for name, change := range map[string]func(string) string{
		"a word":             func(s string) string { return strings.Replace(s, "reader", "Reader", 1) },
		"a word more":        func(s string) string { return s + "PS\r\n" },
		"another From":       func(s string) string { return strings.Replace(s, "news@blog", "ads@blog", 1) },
		"a second From":      func(s string) string { return "From: ads@example.com\r\n" + s },
		"a second From last": func(s string) string { return strings.Replace(s, "\r\n\r\n", "\r\nFrom: ads@example.com\r\n\r\n", 1) },
		"a second Subject":   func(s string) string { return "Subject: ads\r\n" + s },
		"a Cc":               func(s string) string { return "Cc: b@example.com\r\n" + s },
		"another way to leave": func(s string) string {
			return "List-Unsubscribe: <https://ads.example.com>\r\n" + s
		},
		"no one-click": func(s string) string {
			return strings.Replace(s, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", 1)
		},
		"another boundary": func(s string) string { return strings.Replace(s, "boundary=x", "boundary=y", 1) },
	} {
		signed := string(sign(t, letter, keys...))
		i := len(signed) - len(letter)
		changed := signed[:i] + change(letter)
		if changed == signed {
			t.Fatalf("%s changes nothing", name)
		}
		for _, err := range verify(t, []byte(changed), keys) {
			if err == nil {
				t.Errorf("%s goes unnoticed", name)
			}
		}
	}
	other, err := dkim.Generate(dkim.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	k, err := dkim.NewKey("blog.example.org", "t20261125-ed25519", other)
	if err != nil {
		t.Fatal(err)
	}
	if got := verify(t, sign(t, letter, k), keys); got[0] == nil {
		t.Error("a stranger's key goes unnoticed")
	}
}

// TestRelaysMayDoWhatRelaysDo is the reason for the relaxed forms.
func TestRelaysMayDoWhatRelaysDo(t *testing.T) {
	t.Parallel()
	keys := both(t)
	signed := string(sign(t, hard["digest"], keys...))
	for name, change := range map[string]func(string) string{
		"traces": func(s string) string {
			return "Received: from a by b;\r\n Wed, 25 Nov 2026 08:00:01 +0000\r\nReturn-Path: <x@y.example>\r\n" + s
		},
		"another folding":    func(s string) string { return strings.Replace(s, "Subject: ", "Subject:\r\n\t", 1) },
		"the case of names":  func(s string) string { return strings.Replace(s, "\r\nFrom: ", "\r\nFROM: ", 1) },
		"blank lines at end": func(s string) string { return s + "\r\n\r\n" },
		"spaces at line end": func(s string) string { return strings.Replace(s, "here.\r\n", "here. \r\n", 1) },
	} {
		changed := change(signed)
		if changed == signed {
			t.Fatalf("%s changes nothing", name)
		}
		for _, err := range verify(t, []byte(changed), keys) {
			if err != nil {
				t.Errorf("%s breaks the signature: %v", name, err)
			}
		}
	}
}

func TestALetterIsSignedTheSameAgain(t *testing.T) {
	t.Parallel()
	keys := both(t)
	first, again := sign(t, hard["digest"], keys...), sign(t, hard["digest"], keys...)
	if !bytes.Equal(first, again) {
		t.Errorf("%s\n%s", first, again)
	}
	if want := fmt.Sprintf("t=%d;", at.Unix()); strings.Count(string(first), want) != 2 {
		t.Errorf("t= is not the time of the letter, %s:\n%s", want, first)
	}
}

func TestWhatMustBeSignedIsSigned(t *testing.T) {
	t.Parallel()
	signed := string(sign(t, hard["digest"], both(t)...))
	flat := regexp.MustCompile(`\r\n[ \t]+`).ReplaceAllString(signed, "")
	h := regexp.MustCompile(`;h=([^;]*);`).FindStringSubmatch(flat)
	if h == nil {
		t.Fatal(signed)
	}
	names := strings.Split(h[1], ":")
	for name, want := range map[string]int{"From": 2, "Subject": 2, "To": 2, "Date": 2, "Message-ID": 2, "Reply-To": 2, "Cc": 1, "List-Unsubscribe": 2,
		"List-Unsubscribe-Post": 2, "MIME-Version": 2, "Content-Type": 2, "List-Id": 1, "List-Archive": 1, "Feedback-ID": 1, "Precedence": 1, "Received": 0, "Sender": 0} {
		if got := len(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n != name })); got != want {
			t.Errorf("%s stands in h= %d times, want %d: %s", name, got, want, h[1])
		}
	}
	for _, want := range []string{"a=rsa-sha256", "a=ed25519-sha256", "c=relaxed/relaxed", "d=blog.example.org", "s=t20261125-rsa"} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %s in %s", want, flat)
		}
	}
	head, _, _ := strings.Cut(signed, "\r\nDate: ")
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(line) > 78 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
}

func TestWhatIsNoLetterIsRefused(t *testing.T) {
	t.Parallel()
	for name, letter := range map[string]string{
		"no body":         "From: a@b.example\r\n",
		"no From":         "To: a@b.example\r\n\r\nx",
		"two From":        "From: a@b.example\r\nFrom: c@d.example\r\n\r\nx",
		"a line of words": "From: a@b.example\r\nhello\r\n\r\nx",
		"endless fields":  "From: a@b.example\r\n" + strings.Repeat("X: y\r\n", 60) + "\r\nx",
	} {
		if out, err := dkim.Sign([]byte(letter), at, both(t)...); err == nil {
			t.Errorf("%s: %s", name, out)
		}
	}
	if out, err := dkim.Sign([]byte("no letter"), at); out != nil || err != nil {
		t.Errorf("no keys: %q, %v", out, err)
	}
}

// TestKeysAreThoseOfTheStandard compares with RFC 8463 appendix A.
func TestKeysAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	seed, err := base64.StdEncoding.DecodeString("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	k, err := dkim.NewKey("football.example.com", "brisbane", der)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := k.Record(), "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="; got != want {
		t.Errorf("record %s, want %s", got, want)
	}
	if got, want := k.Name(), "brisbane._domainkey.football.example.com"; got != want {
		t.Errorf("name %s, want %s", got, want)
	}
	letter := "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\n\r\n" +
		"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
	if got := string(sign(t, letter, k)); !strings.Contains(got, "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;") {
		t.Errorf("another body hash than the standard's: %s", got)
	}
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	good, err := dkim.Generate(dkim.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		domain, selector string
		private          []byte
	}{
		{"", "s", good}, {"a.example", "", good}, {"a..example", "s", good}, {"a.example; i=b", "s", good}, {"a.example", "s\r\nx", good},
		{"Ä.example", "s", good}, {strings.Repeat("a", 64) + ".example", "s", good}, {"a.example", "s", nil}, {"a.example", "s", good[:20]},
	} {
		if k, err := dkim.NewKey(c.domain, c.selector, c.private); err == nil {
			t.Errorf("%q of %q with %d bytes is a key: %s", c.selector, c.domain, len(c.private), k.Record())
		}
	}
	if _, err := dkim.Generate("dsa"); err == nil {
		t.Error("a key of an unknown algorithm was made")
	}
}

// FuzzSign compares with somebody else's canonical forms.
func FuzzSign(f *testing.F) {
	for _, letter := range hard {
		head, body, _ := strings.Cut(letter, "\r\n\r\n")
		f.Add(head, body)
	}
	f.Add("From: a@blog.example.org\r\nX:\r\n\t ", "        \t        x\r\n 1234567 \r\n12345678 \r\n\t")
	keys := both(f)[1:]
	f.Fuzz(func(t *testing.T, head, body string) {
		// Lines end in CRLF: what the transport sends has no other ends.
		lines := strings.NewReplacer("\r\n", "\r\n", "\r", "", "\n", "")
		letter := strings.TrimRight(lines.Replace(head), "\r\n") + "\r\n\r\n" + lines.Replace(body)
		fields, err := dkim.Sign([]byte(letter), at, keys...)
		if err != nil {
			return
		}
		if got := verify(t, append(fields, letter...), keys); got[0] != nil {
			t.Errorf("%q: %v", letter, got[0])
		}
	})
}

func BenchmarkSign(b *testing.B) {
	body := strings.Repeat("=E4=BD=A0=E5=A5=BD and some words of a letter, as they are in most of them =\r\n", 480)
	letter := []byte(strings.Replace(hard["digest"], "Hello", body, 1))
	if len(letter) < 37_000 {
		b.Fatal(len(letter))
	}
	keys := both(b)
	for name, with := range map[string][]*dkim.Key{"RSA": keys[:1], "Ed25519": keys[1:], "both": keys} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(letter)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := dkim.Sign(letter, at, with...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
