package bounce

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// nested is a message of so many containers within each other.
func nested(depth int) []byte {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	b.WriteString("Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; lin@example.net\nAction: failed\nStatus: 5.1.1\n")
	return []byte(b.String())
}

// hostile are messages that are made to cost much.
func hostile() map[string][]byte {
	big := func(s string) []byte { return bytes.Repeat([]byte(s), maxMessage/len(s)) }
	head := func(contentType string, body []byte) []byte {
		return append([]byte("From: MAILER-DAEMON@example.net\nSubject: failure notice\nContent-Type: "+contentType+"\n\n"), body...)
	}
	return map[string][]byte{
		"deep":              nested(20_000),
		"one header line":   append([]byte("Subject: "), big("a")...),
		"folds":             append([]byte("Subject: a\n"), big(" a\n")...),
		"many fields":       big("To: a@example.org\n"),
		"encoded words":     append([]byte("Subject: "), big("=?utf-8?q?=41?= ")...),
		"parts":             head("multipart/report; boundary=b", big("--b\n\n")),
		"almost boundaries": head("multipart/report; boundary=b", big("\n--bb")),
		"recipients":        head("message/delivery-status", big("Final-Recipient: rfc822; a@b.example\n\n")),
		"no fields":         head("message/delivery-status", big("no field\n")),
		"addresses":         head("text/plain", append([]byte("Hi. This is the qmail-send program\n"), big("<a@b.example>:\n")...)),
		"other addresses":   append([]byte("X-Failed-Recipients: "+strings.Repeat("a@b.example, ", 5000)+"\n"), head("text/plain", big("a@b.example 550\n"))...),
		"tags":              head("text/html", big("<style>")),
		"open tags":         head("text/html", big("<")),
		"entities":          head("text/html", big("&amp;")),
		"base64":            head("text/plain\nContent-Transfer-Encoding: base64", big("QUFB")),
		"bad base64":        head("text/plain\nContent-Transfer-Encoding: base64", big("=-=")),
		"quoted":            head("text/plain\nContent-Transfer-Encoding: quoted-printable", big("=\n")),
		"charset":           head("text/plain; charset=gb18030", big("\x81")),
		"no charset":        head("text/plain; charset=klingon", big("\xff\xfe")),
		"dots":              head("text/plain", big("a.")),
		"codes":             head("text/plain", big("550 5.1.1 ")),
		"message ids":       head("text/plain", big("Message-ID: <a@b> ")),
		"received":          big("Received: for <a@b.example>\n"),
		"blank":             big("\n"),
		"zero":              big("\x00"),
	}
}

func TestHostileMessagesCostLittle(t *testing.T) {
	all := hostile()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := Parse(all[name])
		runtime.ReadMemStats(&after)
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
			t.Errorf("%s: %d MB were allocated", name, used)
		}
		bounded(t, name, r)
	}
}

// bounded checks that a report is small and made of text.
func bounded(t *testing.T, name string, r Report) {
	t.Helper()
	all := slices.Concat([]string{r.From, r.Subject, r.Feedback, r.Original.Feedback}, r.To, r.Original.ReturnPaths, r.Original.MessageIDs, r.Original.Links)
	for _, x := range r.Recipients {
		all = append(all, x.Address, x.Original, x.Status, x.Text)
		if x.Action == "" {
			t.Errorf("%s: a recipient without an action", name)
		}
	}
	if len(r.To) > maxFound || len(r.Recipients) > maxRecipient || len(r.Original.MessageIDs) > maxFound {
		t.Errorf("%s: %d addresses, %d recipients, %d ids", name, len(r.To), len(r.Recipients), len(r.Original.MessageIDs))
	}
	for _, s := range all {
		if len(s) > maxField || !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n") {
			t.Errorf("%s: %.100q (%d bytes) is no short line of text", name, s, len(s))
		}
	}
}

func TestAReportIsFoundWithinReasonAndNoDeeper(t *testing.T) {
	t.Parallel()
	if r := Parse(nested(maxDepth)); r.Kind != Delivery || r.Recipients[0].Status != "5.1.1" {
		t.Errorf("within %d containers: %+v", maxDepth, r)
	}
	if r := Parse(nested(maxDepth + 1)); r.Kind != Unknown {
		t.Errorf("deeper: %+v", r)
	}
}

func TestAReportWithinAMessageIsNotTheMessages(t *testing.T) {
	t.Parallel()
	inner := nested(1)
	raw := slices.Concat([]byte("From: lin@example.net\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nLook at this.\n--o\nContent-Type: message/rfc822\n\n"), inner, []byte("\n--o--\n"))
	if r := Parse(raw); r.Kind != Unknown || len(r.Recipients) > 0 {
		t.Errorf("%+v", r)
	}
}

func TestABrokenMessageIsReadAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	for name, raw := range samples(t) {
		whole := Parse(raw)
		for _, broken := range [][]byte{
			bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")),
			append([]byte("From MAILER-DAEMON Mon Nov 23 08:00:05 2026\r\n"), raw...),
			append([]byte("\ufeff"), raw...),
		} {
			if got := Parse(broken); got.Kind != whole.Kind || len(got.Recipients) != len(whole.Recipients) || len(got.Recipients) > 0 && got.Recipients[0].Status != whole.Recipients[0].Status {
				t.Errorf("%s is %s with %+v, in another dress %s with %+v", name, whole.Kind, whole.Recipients, got.Kind, got.Recipients)
			}
		}
		for cut := 0; cut < len(raw); cut += 1 + len(raw)/50 {
			bounded(t, name, Parse(raw[:cut]))
		}
	}
}

func TestAMessageThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	lost := errors.New("lost")
	if _, err := Read(io.MultiReader(strings.NewReader("Subject: a\n"), iotest.ErrReader(lost))); !errors.Is(err, lost) {
		t.Error(err)
	}
	if _, err := Read(io.LimitReader(neverEnding{}, 1<<40)); err != nil {
		t.Error(err)
	}
}

type neverEnding struct{}

func (neverEnding) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

func FuzzParse(f *testing.F) {
	for _, raw := range samples(f) {
		f.Add(raw)
	}
	f.Add(nested(12))
	f.Add([]byte("Content-Type: text/html; charset=gb18030\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("<p>\x81\x30</p>"))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := Parse(raw)
		bounded(t, "fuzz", r)
		switch r.Kind {
		case Delivery:
			if len(r.Recipients) == 0 {
				t.Fatal("a report without a recipient")
			}
		case Complaint, NotSpam, AutoReply, Challenge, Unknown:
		default:
			t.Fatalf("kind %q", r.Kind)
		}
	})
}
