package doctor

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"time"
)

// MailServer is what a connection to a mail server showed.
type MailServer struct {
	// Name is host and port.
	Name string
	// Fault is why no letter could be handed over, "" where one could; Phase is
	// where it happened: "connect", "greeting", "EHLO", "STARTTLS", "AUTH".
	Phase, Fault string
	// TLS is nil where the connection is in clear.
	TLS *tls.ConnectionState
	// User is who logged in, "" where nobody did.
	User string
	// Offers are the extensions that matter, of PIPELINING, SIZE, 8BITMIME and
	// SMTPUTF8; Size is the limit in bytes, 0 where none is told.
	Offers []string
	Size   int
}

// enough is how large a letter may become: mail programs cut longer ones.
const enough = 200 << 10

// Judge tells what is wrong with a mail server.
func (m MailServer) Judge(now time.Time) []Finding {
	if m.Fault != "" {
		return []Finding{{"smtp", Fail, fmt.Sprintf("%s takes no letters, at %s: %s", m.Name, m.Phase, m.Fault), m.way()}}
	}
	out := []Finding{m.secured(now)}
	if m.User != "" {
		out = append(out, ok("smtp", "%s lets %s log in", m.Name, m.User))
	}
	if m.Size > 0 && m.Size < enough {
		out = append(out, Finding{"smtp", Warn, fmt.Sprintf("%s takes letters of at most %d KB", m.Name, m.Size>>10), "ask its owner for more: a digest with pictures and code has up to 200 KB"})
	}
	return append(out, m.extensions())
}

func (m MailServer) secured(now time.Time) Finding {
	if m.TLS == nil {
		return ok("tls", "%s is on this machine and spoken to in clear", m.Name)
	}
	return Certificate("tls", m.Name, m.TLS, now)
}

// way is what to do about a fault.
func (m MailServer) way() string {
	switch m.Phase {
	case "AUTH":
		return "correct username and password of the server; many providers want a password made for programs"
	case "STARTTLS":
		return "correct tls, port or host of the server, or have the certificate renewed"
	case "connect":
		return "correct host and port of the server; many hosters block port 25: use 587 or 465"
	}
	return "ask the owner of the server why"
}

// extensions tells what letters can and cannot do there. None is a fault.
func (m MailServer) extensions() Finding {
	meaning := [][2]string{
		{"PIPELINING", "each letter takes two more round trips"},
		{"SIZE", "how large letters may be is not known"},
		{"8BITMIME", ""},
		{"SMTPUTF8", "addresses like grüße@example.org cannot be mailed"},
	}
	has, lacks := []string{}, []string{}
	for _, e := range meaning {
		switch {
		case slices.Contains(m.Offers, e[0]):
			has = append(has, e[0])
		case e[1] == "":
			lacks = append(lacks, "no "+e[0])
		default:
			lacks = append(lacks, "no "+e[0]+" ("+e[1]+")")
		}
	}
	return ok("smtp", "%s offers %s", m.Name, strings.Join(append(has, lacks...), ", "))
}
