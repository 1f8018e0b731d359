package bounce

import (
	"regexp"
	"slices"
	"strings"
)

// receivedFor is the recipient in a Received field.
var receivedFor = regexp.MustCompile(`\bfor\s+<([^<>\s]+@[^<>\s]+)>`)

// to are the addresses that a message came to, what servers noted first.
func (m *message) to() (found []string) {
	h := m.top.header
	for _, name := range []string{"X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-Forwarded-To", "X-RCPT-To"} {
		for _, value := range h.all(name) {
			found = with(found, addresses(value, maxFound)...)
		}
	}
	for _, value := range h.all("Received") {
		if m := receivedFor.FindStringSubmatch(value); m != nil {
			found = with(found, m[1])
		}
	}
	for _, name := range []string{"To", "Cc", "Resent-To"} {
		for _, value := range h.all(name) {
			found = with(found, addresses(value, maxFound)...)
		}
	}
	return found
}

// with adds what is new to a list, up to its limit.
func with(list []string, more ...string) []string {
	for _, s := range more {
		if s = strings.ToValidUTF8(s, ""); s != "" && len(s) <= 1000 && len(list) < maxFound && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// original gathers what the message tells of the letter that it is about.
func (m *message) original() (o Original) {
	for _, p := range m.leaves {
		switch p.media {
		case "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers":
			h, _ := readHeader(trimBlank(p.bytes()))
			o.add(h)
		}
	}
	if copied, _, found := cutOriginal(m.text); found {
		h, _ := readHeader([]byte(headerOf(copied)))
		o.add(h)
	}
	// Answers name the message that they answer.
	for _, name := range []string{"In-Reply-To", "References"} {
		o.MessageIDs = with(o.MessageIDs, ids(m.top.header.get(name))...)
	}
	for _, found := range looseID.FindAllStringSubmatch(m.text, maxFound) {
		o.MessageIDs = with(o.MessageIDs, found[1])
	}
	return o
}

func (o *Original) add(h header) {
	for _, name := range []string{"Return-Path", "X-Original-Return-Path", "X-Envelope-From", "X-Env-Sender"} {
		for _, value := range h.all(name) {
			o.ReturnPaths = with(o.ReturnPaths, firstAddress(value))
		}
	}
	for _, name := range []string{"Message-ID", "X-Original-Message-ID", "X-Microsoft-Original-Message-ID"} {
		o.MessageIDs = with(o.MessageIDs, ids(h.get(name))...)
	}
	for _, value := range append(h.all("List-Unsubscribe"), h.all("X-List-Unsubscribe")...) {
		for _, found := range bracketed.FindAllStringSubmatch(value, maxFound) {
			o.Links = with(o.Links, strings.Join(strings.Fields(found[1]), ""))
		}
	}
	if o.Feedback == "" {
		o.Feedback = cut(oneLine(h.get("Feedback-ID")), maxSubject)
	}
}

var (
	bracketed = regexp.MustCompile(`<([^<>]+)>`)
	messageID = regexp.MustCompile(`<([^<>\s@]+@[^<>\s@]+)>`)
	// looseID is a Message-ID that a text quotes, with or without its brackets.
	looseID = regexp.MustCompile(`(?i)message[- ]?id\s*[:=]\s*<?([^<>\s@"',;()]+@[^<>\s@"',;()]+)`)
)

func ids(value string) (found []string) {
	for _, m := range messageID.FindAllStringSubmatch(value, maxFound) {
		found = append(found, m[1])
	}
	return found
}

// copies are the lines after which plain bounces have a copy of the letter.
var copies = regexp.MustCompile(`(?im)^[ \t>]*-*[ \t]*(?:` + strings.Join([]string{
	`below this line is a copy of the message`, `this is a copy of (?:your|the) message`, `this is a copy of the headers`,
	`original message (?:follows|headers?)`, `the original message`, `original message`, `returned message (?:follows|below)`, `unsent message (?:follows|below)`, `message headers? follows?`,
	`undelivered message (?:headers|follows)`, `return message text`, `message header follows`, `the header of the original message`,
	`原始邮件(?:头|标头)`, `original headers`,
}, "|") + `)[^\n]*$`)

// cutOriginal splits a text where the copy of the letter begins.
func cutOriginal(text string) (copied, before string, found bool) {
	at := copies.FindStringIndex(text)
	if at == nil {
		return "", text, false
	}
	return text[at[1]:], text[:at[0]], true
}

// firstField begins the header of a letter within a text.
var firstField = regexp.MustCompile(`(?m)^[ \t>]*[A-Za-z][A-Za-z-]*:[ \t]`)

// headerOf is the text from its first field on, without what quotes it.
func headerOf(text string) string {
	at := firstField.FindStringIndex(text)
	if at == nil {
		return ""
	}
	text = cut(text[at[0]:], maxAnalysed)
	indent := text[:len(text)-len(strings.TrimLeft(text, " \t>"))]
	if indent == "" {
		return text
	}
	return strings.ReplaceAll("\n"+text, "\n"+indent, "\n")[1:]
}

func trimBlank(raw []byte) []byte {
	for len(raw) > 0 && (raw[0] == '\n' || raw[0] == '\r') {
		raw = raw[1:]
	}
	return raw
}
