package bounce

import (
	"regexp"
	"strconv"
	"strings"
)

// delivery reads a delivery report (RFC 3464; RFC 6533 where addresses are not
// ASCII).
func (m *message) delivery(rep *Report) bool {
	for _, p := range m.leaves {
		if p.media != "message/delivery-status" && p.media != "message/global-delivery-status" {
			continue
		}
		rest := p.bytes()
		for len(rest) > 0 && len(rep.Recipients) < maxRecipient {
			var h header
			h, rest = readGroup(rest)
			for _, name := range []string{"X-Postfix-Sender", "X-Original-Sender", "X-Envelope-Sender"} {
				rep.Original.ReturnPaths = with(rep.Original.ReturnPaths, typed(h.get(name)))
			}
			if r, ok := recipient(h); ok {
				rep.Recipients = append(rep.Recipients, r)
			}
		}
	}
	if len(rep.Recipients) == 0 {
		return false
	}
	rep.Kind = Delivery
	// A report that gives no reason by itself has one in words.
	if only := &rep.Recipients[0]; len(rep.Recipients) == 1 && only.Text == "" && only.Action == Failed {
		_, before, _ := cutOriginal(m.text)
		only.explain(before)
	}
	return true
}

// readGroup reads the fields up to a blank line. A line that is no field is
// skipped: servers wrap diagnostics carelessly.
func readGroup(raw []byte) (h header, rest []byte) {
	raw = trimBlank(raw)
	for len(raw) > 0 {
		more, after := readHeader(raw)
		h = append(h, more...)
		blank := len(raw) > len(after) && endsBlank(raw[:len(raw)-len(after)])
		if blank || len(after) == 0 || len(h) >= maxFields {
			return h, after
		}
		_, raw = cutLine(after)
	}
	return h, nil
}

func endsBlank(read []byte) bool {
	text := strings.ReplaceAll(string(read[max(0, len(read)-256):]), "\r\n", "\n")
	last := strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n')
	return strings.TrimSpace(text[last+1:]) == ""
}

// recipient reads the fields of one recipient.
func recipient(h header) (r Recipient, ok bool) {
	if !h.has("Final-Recipient") && !h.has("Original-Recipient") && !h.has("Action") {
		return r, false
	}
	r.Address, r.Original = typed(h.get("Final-Recipient")), typed(h.get("Original-Recipient"))
	if r.Address == "" {
		r.Address = typed(h.get("X-Actual-Recipient"))
	}
	said := oneLine(decodeWords(h.get("Diagnostic-Code")))
	if kind, text, typed := strings.Cut(said, ";"); typed && len(kind) < 20 && !strings.ContainsAny(kind, " ") {
		said = strings.TrimSpace(text)
	}
	if r.Status = status(h.get("Status")); general(r.Status) {
		r.explain(said)
	} else {
		r.Code = replyCode(said)
	}
	r.Text = cut(said, maxText)
	r.mend()
	word, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(h.get("Action"))), " ")
	switch a := Action(word); a {
	case Failed, Delayed, Delivered, Relayed, Expanded:
		r.Action = a
	default:
		r.Action = Failed
		if strings.HasPrefix(r.Status, "2") {
			r.Action = Relayed
		}
	}
	return r, true
}

// typed reads "rfc822; lin@example.org" and "utf-8; ..." (RFC 6533 section 3).
func typed(value string) string {
	kind, rest, found := strings.Cut(value, ";")
	if !found {
		kind, rest = "rfc822", value
	}
	rest = strings.TrimSpace(decodeWords(rest))
	if strings.EqualFold(strings.TrimSpace(kind), "utf-8") {
		rest = unescaped.ReplaceAllStringFunc(rest, func(x string) string {
			n, err := strconv.ParseUint(x[3:len(x)-1], 16, 32)
			if err != nil || n > 0x10ffff || n < 0x20 {
				return x
			}
			return string(rune(n))
		})
	}
	return cut(firstAddress(rest), 320)
}

var unescaped = regexp.MustCompile(`\\x\{[0-9A-Fa-f]{2,6}\}`)
