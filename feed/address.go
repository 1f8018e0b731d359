package feed

import (
	"mime"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"tidings.example/posts"
)

// address returns an absolute http or https URL in characters that RFC 3986
// allows, or "" where s is none.
func address(s string) string {
	s = escapeURI(strings.TrimSpace(clean(s)))
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
	default:
		return ""
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		host = u.Hostname() // an address in brackets, or a name that only its owner's network knows
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if escapeURI(host) != host {
		return ""
	}
	if u.Port() != "" {
		host += ":" + u.Port()
	}
	// What follows the host is kept to the letter: links must stay comparable.
	rest := s[strings.Index(s, "//")+2:]
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = brackets.Replace(rest[i:])
	} else {
		rest = ""
	}
	return strings.ToLower(u.Scheme) + "://" + host + rest
}

// escapeURI percent-encodes every byte that no URI may hold, and a percent
// sign that starts no escape.
func escapeURI(s string) string {
	const allowed = "-._~:/?#[]@!$&'()*+,;="
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		ok := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte(allowed, c) >= 0
		if c == '%' && i+2 < len(s) {
			_, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			ok = err == nil
		}
		if ok {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// identifier returns id as a URI. Ids of the ledger are URIs and stay to the
// letter; any other text becomes one that is as stable as itself.
func identifier(id string) string {
	id = clean(id)
	switch scheme, rest, _ := strings.Cut(id, ":"); {
	case id == "":
		return ""
	case rest != "" && (scheme == "tag" || scheme == "urn" || scheme == "http" || scheme == "https"):
		return brackets.Replace(escapeURI(id))
	}
	return "urn:tidings:" + strings.ReplaceAll(url.QueryEscape(id), "+", "%20")
}

// brackets are for addresses of IP version 6 and nothing else.
var brackets = strings.NewReplacer("[", "%5B", "]", "%5D")

// mediaType returns given when it is a media type, else that of the URL's
// ending, else "".
func mediaType(given, address string) string {
	if t, _, err := mime.ParseMediaType(given); err == nil && strings.Count(t, "/") == 1 {
		return t
	}
	return posts.MediaType(address)
}
