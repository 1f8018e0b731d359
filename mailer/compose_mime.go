package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// header is one field of a letter; several values are joined by commas.
type header struct {
	name   string
	values []string
}

// letterParts is everything that go-mail makes a message of.
type letterParts struct {
	headers       []header
	from, replyTo string
	subject       string
	html, text    string
	marks         marks
}

// headers are those of a letter to many (RFC 2369, 2919, 8058).
func (e Edition) headers(m marks) ([]header, error) {
	leave := []string{"<" + m.url(markUnsubscribe) + ">"}
	if e.Unsubscribe != "" {
		box, err := mailbox(e.Unsubscribe)
		if err != nil {
			return nil, fmt.Errorf("unsubscribe: %w", err)
		}
		leave = append(leave, "<"+mailto(box, e.Separator, m.token("leave"))+">")
	}
	all := []header{
		{"List-Unsubscribe", leave},
		{"List-Unsubscribe-Post", []string{"List-Unsubscribe=One-Click"}},
		{"Feedback-ID", []string{e.feedbackID()}},
		{"Precedence", []string{"bulk"}},
	}
	if e.Digest.ListID != "" {
		all = append(all, header{"List-Id", []string{"<" + e.Digest.ListID + ">"}})
	}
	if base := webURL(e.Publication.WebURL); base != "" {
		all = append(all, header{"List-Archive", []string{"<" + strings.TrimSuffix(base, "/") + "/issues>"}})
	}
	return all, nil
}

// feedbackID groups complaints in Gmail's Postmaster tools: campaign, list,
// kind, and an id of the sender of 5 to 15 characters.
func (e Edition) feedbackID() string {
	campaign := "preview"
	if e.Issue > 0 {
		campaign = fmt.Sprintf("issue%d", e.Issue)
	}
	return strings.Join([]string{campaign, e.Digest.Name, "digest", hashed([]byte(domainOf(e.Digest.From)))[:12]}, ":")
}

func (n Notice) headers() []header {
	return []header{{"Auto-Submitted", []string{"auto-generated"}}}
}

func domainOf(text string) string {
	box, err := mailbox(text)
	if err != nil {
		return ""
	}
	return strings.ToLower(box.Address[strings.LastIndexByte(box.Address, '@')+1:])
}

// compose lets go-mail build the message once, with a token wherever a
// reader's own part or an encoded body goes, and puts marks and bodies there.
func compose(p letterParts) (Template, error) {
	html, err := encodeBody(p.html, p.marks, true)
	if err != nil {
		return Template{}, fmt.Errorf("HTML part: %w", err)
	}
	text, err := encodeBody(p.text, p.marks, false)
	if err != nil {
		return Template{}, fmt.Errorf("text part: %w", err)
	}
	msg, err := p.message(text.encoding, html.encoding)
	if err != nil {
		return Template{}, err
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return Template{}, fmt.Errorf("compose: %w", err)
	}
	head, body, found := bytes.Cut(raw.Bytes(), []byte("\r\n\r\n"))
	if !found {
		return Template{}, errors.New("compose: message without a body")
	}
	out := append(p.marks.inHead(head), "\r\n\r\n"...)
	for _, part := range []struct {
		token string
		body  encodedBody
	}{{p.marks.token("text"), text}, {p.marks.token("html"), html}} {
		before, after, found := bytes.Cut(body, []byte(part.body.encoding.token(part.token)))
		if !found {
			return Template{}, errors.New("compose: a part is missing")
		}
		out = append(append(out, before...), part.body.bytes...)
		body = bytes.TrimLeft(after, "\r\n")
	}
	return Template{Subject: p.subject, Bytes: append(out, body...)}, nil
}

// message is the go-mail message: tokens for bodies, text first.
func (p letterParts) message(text, html bodyEncoding) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithBoundary("tidings-"+p.marks.nonce))
	from, err := mailbox(p.from)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	msg.FromMailAddress(from)
	if p.replyTo != "" {
		box, err := mailbox(p.replyTo)
		if err != nil {
			return nil, fmt.Errorf("reply to: %w", err)
		}
		msg.ReplyToMailAddress(box)
	}
	if err := msg.To(p.marks.token("to") + "@mark.invalid"); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	msg.SetMessageIDWithValue(p.marks.token("id"))
	msg.SetGenHeader(gomail.HeaderDate, p.marks.token("date"))
	msg.SetGenHeader(gomail.HeaderSubject, encodeWords(p.subject))
	for _, h := range p.headers {
		for _, value := range h.values {
			if !isASCII(value) || strings.ContainsAny(value, "\r\n\x00 \t") || len(value) > 900 {
				return nil, fmt.Errorf("%s: %q does not fit into a header", h.name, value)
			}
		}
		msg.SetGenHeader(gomail.Header(h.name), h.values...)
	}
	msg.SetBodyString(gomail.TypeTextPlain, p.marks.token("text"), gomail.WithPartEncoding(gomail.Encoding(text)))
	msg.AddAlternativeString(gomail.TypeTextHTML, p.marks.token("html"), gomail.WithPartEncoding(gomail.Encoding(html)))
	return msg, nil
}

// marks names the places of a reader's own parts while a letter is rendered.
// The names are made of a hash of all that is rendered, so no text in it can
// contain them.
type marks struct{ nonce string }

func newMarks(view any) marks {
	sum := sha256.New()
	// A view is made of strings, booleans and slices of them: it always encodes.
	_ = json.NewEncoder(sum).Encode(view)
	return marks{encodeHash(sum.Sum(nil))}
}

func hashed(data []byte) string {
	sum := sha256.Sum256(data)
	return encodeHash(sum[:])
}

func encodeHash(sum []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// token is letters and digits: it passes every encoding and escaping as it is.
func (m marks) token(name string) string { return name + m.nonce }

// url is the token of an address: escaping for HTML leaves it alone.
func (m marks) url(kind byte) string { return "https://" + m.nonce + ".invalid/" + string(kind) }

// inHead puts marks into the header of a message.
func (m marks) inHead(head []byte) []byte {
	for token, kind := range map[string]byte{
		m.token("to") + "@mark.invalid": markTo, m.token("id"): markMessageID,
		m.token("date"): markDate, m.url(markUnsubscribe): markUnsubscribe, m.token("leave"): markLeave,
	} {
		head = bytes.ReplaceAll(head, []byte(token), []byte{markStart, kind, asHeader})
	}
	// One address a line: the first becomes long when it is filled in.
	return bytes.ReplaceAll(head, []byte(">, <mailto:"), []byte(">,\r\n <mailto:"))
}
