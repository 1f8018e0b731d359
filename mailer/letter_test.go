package mailer

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// failer is a *testing.T, *testing.B or *rapid.T.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// parsedLetter is a letter as a mail program sees it.
type parsedLetter struct {
	header     mail.Header
	kinds      []string
	text, html string
}

func parseLetter(t failer, raw []byte) parsedLetter {
	t.Helper()
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("letter does not parse: %v", err)
	}
	p := parsedLetter{header: r.Header}
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("part does not parse: %v", err)
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatalf("part does not decode: %v", err)
		}
		kind, _, _ := part.Header.(*mail.InlineHeader).ContentType()
		p.kinds = append(p.kinds, kind)
		switch kind {
		case "text/plain":
			p.text = strings.ReplaceAll(string(body), "\r\n", "\n")
		case "text/html":
			p.html = strings.ReplaceAll(string(body), "\r\n", "\n")
		}
	}
	if diff := cmp.Diff([]string{"text/plain", "text/html"}, p.kinds); diff != "" {
		t.Fatalf("parts: %s", diff)
	}
	return p
}

// hrefs returns the targets of all links of a page.
func hrefs(t failer, page string) (targets []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "a" && a.Key == "href" {
				targets = append(targets, a.Val)
			}
		}
	}
	return targets
}

// checkWire says what is wrong with the bytes of a letter.
func checkWire(t failer, raw []byte) {
	t.Helper()
	if bytes.Count(raw, []byte("\n")) != bytes.Count(raw, []byte("\r\n")) || bytes.Count(raw, []byte("\r")) != bytes.Count(raw, []byte("\r\n")) {
		t.Fatal("a line end that is not CRLF")
	}
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) > 998 {
			t.Fatalf("header line of %d bytes", len(line))
		}
	}
	for line := range bytes.SplitSeq(body, []byte("\r\n")) {
		if len(line) > 76 {
			t.Fatalf("body line of %d bytes: %q", len(line), line)
		}
		for _, b := range line {
			if b > 0x7e || b < 0x20 && b != '\t' {
				t.Fatalf("byte %#x in the body", b)
			}
		}
	}
}

const urlAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%"

func drawURL(t *rapid.T, label string) string {
	runes := []rune(urlAlphabet)
	rest := rapid.StringOfN(rapid.SampledFrom(runes), 0, 300, -1).Draw(t, label)
	return "https://h.example/" + rest
}

func drawPersonal(t *rapid.T) Personal {
	atom := rapid.StringMatching(`[a-z0-9!#$%&'*+/=?^_{|}~-]{1,60}`)
	return Personal{
		To:          atom.Draw(t, "local") + "@example.com",
		MessageID:   rapid.StringMatching(`[0-9]{1,9}\.[a-z2-7]{16}@[a-z]{1,40}\.example`).Draw(t, "id"),
		Date:        time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "date"), 0),
		Unsubscribe: drawURL(t, "unsubscribe"), Preferences: drawURL(t, "preferences"),
		Leave: rapid.StringMatching(`[1-9a-z][0-9a-z]{0,8}\.[a-z2-7]{16}`).Draw(t, "leave"),
	}
}

func TestLetterHasEveryPersonalPartAtItsPlaceAndAllTextOfThePosts(t *testing.T) {
	t.Parallel()
	c := newTestComposer(t)
	rapid.Check(t, func(t *rapid.T) {
		e := edition(rapid.SampledFrom([]string{"en", "zh-CN"}).Draw(t, "language"), record(0,
			rapid.String().Draw(t, "title"), rapid.String().Draw(t, "summary"), rapid.String().Draw(t, "tag")))
		e.Posts[0].Body.Code = rapid.String().Draw(t, "code")
		e.Posts = append(e.Posts, eleven()[:rapid.IntRange(0, 3).Draw(t, "more")]...)
		e.Digest.Title = rapid.String().Draw(t, "digest")
		p := drawPersonal(t)
		tpl, err := c.Digest(e)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := tpl.Letter(p)
		if err != nil {
			t.Fatal(err)
		}
		checkLetter(t, e, p, tpl, raw)
	})
}

func checkLetter(t *rapid.T, e Edition, p Personal, tpl Template, raw []byte) {
	checkWire(t, raw)
	got := parseLetter(t, raw)
	subject, _ := got.header.Subject()
	date, _ := got.header.Date()
	to, _ := got.header.AddressList("To")
	id, _ := got.header.MessageID()
	if len(to) != 1 || to[0].Address != p.To || id != p.MessageID || !date.Equal(p.Date) || subject != tpl.Subject {
		t.Fatalf("To %v, Message-ID %q, Date %v, Subject %q of %q", to, id, date, subject, tpl.Subject)
	}
	leave := "<" + p.Unsubscribe + ">, <mailto:leave+" + p.Leave + "@blog.example.org?subject=unsubscribe>"
	if got := got.header.Get("List-Unsubscribe"); strings.ReplaceAll(got, "\r\n", "") != leave {
		t.Fatalf("List-Unsubscribe %q, want %q", got, leave)
	}
	targets := strings.Join(hrefs(t, got.html), "\n")
	for _, want := range []string{p.Unsubscribe, p.Preferences} {
		if !strings.Contains("\n"+got.text+"\n", "\n"+want+"\n") {
			t.Fatalf("%q has no line in the text", want)
		}
		if !strings.Contains("\n"+targets+"\n", "\n"+want+"\n") {
			t.Fatalf("%q is no link of the HTML:\n%s", want, targets)
		}
	}
	view := newDigestView(e, maxItems)
	for _, post := range view.Posts {
		if folded := strings.Join(strings.Fields(post.Excerpt), ""); !strings.Contains(strings.Join(strings.Fields(got.text), ""), folded) {
			t.Fatalf("the text lacks %q", post.Excerpt)
		}
		if !strings.Contains(htmlText(t, got.html), post.Excerpt) || !strings.Contains(htmlText(t, got.html), post.Title) {
			t.Fatalf("the HTML lacks %q or %q", post.Title, post.Excerpt)
		}
	}
}

func htmlText(t failer, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

// TestBodyDecodesToItselfInBothEncodings looks at the encoders alone: any
// text, marks anywhere.
func TestBodyDecodesToItselfInBothEncodings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPersonal(t)
		var segments []segment
		var want strings.Builder
		for range rapid.IntRange(0, 4).Draw(t, "marks") {
			text := drawText(t)
			want.WriteString(text + p.Unsubscribe)
			segments = append(segments, segment{text, markUnsubscribe})
		}
		last := drawText(t)
		want.WriteString(last)
		segments = append(segments, segment{last, 0})

		quoted := fillBody(t, p, encodeQuoted(segments, false))
		plain, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(quoted)))
		if err != nil || strings.ReplaceAll(string(plain), "\r\n", "\n") != want.String() {
			t.Fatalf("quoted-printable: %v\n got %q\nwant %q\nwire %q", err, plain, want.String(), quoted)
		}
		encoded := fillBody(t, p, encodeBase64(segments, false))
		plain, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(string(encoded), "\r\n", ""))
		if err != nil || strings.ReplaceAll(string(plain), "\r\n", "\n") != want.String() {
			t.Fatalf("base64: %v\n got %q\nwant %q", err, plain, want.String())
		}
		checkWire(t, append([]byte("A: b\r\n\r\n"), quoted...))
		checkWire(t, append([]byte("A: b\r\n\r\n"), encoded...))
	})
}

// drawText draws text that is hard on encoders.
func drawText(t *rapid.T) string {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\n", " ", "\t", ".", "From ", "=", "==", "\n.", "\n\n", " \n", "-- \n", "中文", "é", strings.Repeat("x", 75), strings.Repeat("汉", 30)}),
		rapid.StringMatching(`[a-z ]{0,90}`))
	return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "text"), "")
}

func fillBody(t *rapid.T, p Personal, body []byte) []byte {
	out, err := Template{Bytes: append([]byte{'\n'}, body...)}.Letter(p)
	if err != nil {
		t.Fatal(err)
	}
	return out[1:]
}

func TestLetterIsAPureFunction(t *testing.T) {
	t.Parallel()
	c := newTestComposer(t)
	for name, e := range letters() {
		first, again := letter(t, c, e), letter(t, newTestComposer(t), e)
		if !bytes.Equal(first, again) {
			t.Errorf("%s: two composers make different bytes", name)
		}
		tpl, err := c.Digest(e)
		if err != nil {
			t.Fatal(err)
		}
		p := reader()
		p.Date = p.Date.In(shanghai)
		if local, _ := tpl.Letter(p); !bytes.Equal(first, local) {
			t.Errorf("%s: the zone of the date changes the bytes", name)
		}
	}
}

func TestTemplateSurvivesStorage(t *testing.T) {
	t.Parallel()
	tpl, err := newTestComposer(t).Digest(edition("zh-CN", eleven()...))
	if err != nil {
		t.Fatal(err)
	}
	blob, err := tpl.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back Template
	if err := back.UnmarshalBinary(blob); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tpl, back); diff != "" {
		t.Error(diff)
	}
	for _, bad := range [][]byte{nil, {2}, {1}, {1, 200}, {1, 5, 'a'}, {1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}} {
		if err := back.UnmarshalBinary(bad); err == nil {
			t.Errorf("%v was read as a template", bad)
		}
	}
}

func TestLetterRefusesWhatCouldBreakOut(t *testing.T) {
	t.Parallel()
	tpl, err := newTestComposer(t).Digest(edition("en", eleven()...))
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Personal){
		"line break in To":          func(p *Personal) { p.To = "a@example.com\r\nBcc: b@example.com" },
		"two addresses":             func(p *Personal) { p.To = "a@example.com,b@example.com" },
		"a name":                    func(p *Personal) { p.To = "A <a@example.com>" },
		"angle brackets":            func(p *Personal) { p.To = "<a@example.com>" },
		"no address":                func(p *Personal) { p.To = "" },
		"no domain":                 func(p *Personal) { p.To = "a@" },
		"address of 300 bytes":      func(p *Personal) { p.To = strings.Repeat("a", 300) + "@example.com" },
		"bad UTF-8":                 func(p *Personal) { p.To = "\xff@example.com" },
		"message id with brackets":  func(p *Personal) { p.MessageID = "<a@b>" },
		"message id with a break":   func(p *Personal) { p.MessageID = "a@b\n" },
		"no message id":             func(p *Personal) { p.MessageID = "" },
		"no date":                   func(p *Personal) { p.Date = time.Time{} },
		"no unsubscribe":            func(p *Personal) { p.Unsubscribe = "" },
		"no token to leave":         func(p *Personal) { p.Leave = "" },
		"break in a token":          func(p *Personal) { p.Leave = "7.a>,<x" },
		"script":                    func(p *Personal) { p.Unsubscribe = "javascript:alert(1)" },
		"quote in a URL":            func(p *Personal) { p.Unsubscribe = `https://a.example/"onclick=` },
		"bracket in a URL":          func(p *Personal) { p.Unsubscribe = "https://a.example/>,<https://b.example/" },
		"space in a URL":            func(p *Personal) { p.Unsubscribe = "https://a.example/ b" },
		"line break in a URL":       func(p *Personal) { p.Preferences = "https://a.example/\r\n.\r\n" },
		"mark in a URL":             func(p *Personal) { p.Preferences = "https://a.example/\x01uh" },
		"URL that no header holds":  func(p *Personal) { p.Unsubscribe = "https://a.example/" + strings.Repeat("a", 1000) },
		"URL without a host":        func(p *Personal) { p.Unsubscribe = "https:///u" },
		"preferences that are none": func(p *Personal) { p.Preferences = "" },
	} {
		p := reader()
		spoil(&p)
		if out, err := tpl.Letter(p); err == nil {
			t.Errorf("%s: made a letter of %d bytes", name, len(out))
		}
	}
	if _, err := (Template{}).Letter(reader()); err == nil {
		t.Error("the zero template made a letter")
	}
}

func TestLetterTakesUnusualAddresses(t *testing.T) {
	t.Parallel()
	tpl, err := newTestComposer(t).Digest(edition("en", eleven()[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{`"a,b"@example.com`, "o'neil+news@example.com", "用户@example.com", "a@xn--fiqs8s.example"} {
		p := reader()
		p.To = to
		out, err := tpl.Letter(p)
		if err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		if !bytes.Contains(out, []byte("To: <"+to+">\r\n")) {
			t.Errorf("%s is not in the letter", to)
		}
	}
}
