package mailbox

import (
	"bytes"
	"regexp"
)

// LookedAt is how much of a file [Looks] needs to see.
const LookedAt = 4096

// fields are those of which every message has one near its top, whoever made it:
// servers put theirs in front.
var fields = regexp.MustCompile(`(?im)^(from|to|cc|date|subject|sender|received|return-path|message-id|reply-to|delivered-to|x-original-to|envelope-to|mime-version|content-type|arc-[a-z-]+|dkim-signature|authentication-results|x-[a-z-]+):`)

// Looks tells from the beginning of a file whether it holds mail: an mbox, or a
// message with a header.
func Looks(beginning []byte) bool {
	beginning = bytes.TrimLeft(bytes.TrimPrefix(beginning[:min(len(beginning), LookedAt)], []byte("\ufeff")), "\r\n")
	if bytes.HasPrefix(beginning, []byte("From ")) {
		return true
	}
	header, _, _ := bytes.Cut(bytes.ReplaceAll(beginning, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	return !bytes.ContainsRune(header, 0) && fields.Match(header)
}
