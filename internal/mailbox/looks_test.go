package mailbox

import (
	"strings"
	"testing"
)

func TestAFileThatIsNoMailIsToldFromMail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"From: a@b.example\nSubject: x\n\nText.\n":                         true,
		"\r\nReturn-Path: <>\r\nReceived: by mx\r\n\r\nText.\r\n":          true,
		"\ufeffsubject: x\n\n":                                             true,
		"From MAILER-DAEMON Mon Jan  2 15:04:05 2026\nX: y\n\n":            true,
		"Received: " + strings.Repeat("x", 9000):                           true,
		"root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/usr/sbin/no\n": false,
		"title: Blog\nurl: https://blog.example.org\n":                     false,
		"title: Blog\n\nFrom: somebody\n":                                  false,
		"SQLite format 3\x00\x10\x00\x02":                                  false,
		"\x7fELF\x02\x01\x01\x00\nFrom: x\n":                               false,
		"id,address\n1,ann@example.org\n":                                  false,
		"":                                                                 false,
	} {
		if got := Looks([]byte(text)); got != want {
			t.Errorf("%.40q: %t", text, got)
		}
	}
}
