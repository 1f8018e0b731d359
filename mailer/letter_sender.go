package mailer

import (
	"bytes"
	"net/mail"
	"strings"
)

// Sender returns the bare address of the From header, which is the envelope's
// sender too: many submission servers refuse any other. "" where there is none.
func (t Template) Sender() string {
	head, _, _ := bytes.Cut(t.Bytes, []byte("\r\n\r\n"))
	text := strings.NewReplacer("\r\n ", " ", "\r\n\t", " ").Replace(string(head))
	for line := range strings.SplitSeq(text, "\r\n") {
		if value, is := strings.CutPrefix(line, "From:"); is {
			if a, err := mail.ParseAddress(value); err == nil {
				return a.Address
			}
		}
	}
	return ""
}
