package markdown

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// schemes are the ways that a link in a feed or a letter may lead: readers and
// validators take others, like ftp, for relative addresses.
var schemes = []string{"http", "https", "mailto"}

// resolver makes the addresses of a post absolute and percent-encoded.
type resolver struct {
	post, site string
	base       *url.URL // nil where the post's address is unknown
	ref        func(string) (string, string, bool)
	asset      func(string) (string, bool)
}

func newResolver(o *Options) *resolver {
	r := &resolver{site: strings.TrimRight(o.SiteURL, "/"), ref: o.Ref, asset: o.Asset}
	r.post, _, _ = strings.Cut(normalise(o.PostURL), "#")
	if base, err := url.Parse(r.post); err == nil && base.IsAbs() {
		r.base = base
	}
	return r
}

// link resolves the target of a link; ok is false where it must not be followed.
func (r *resolver) link(dest string) (string, bool) { return r.resolve(dest, schemes) }

// media resolves the source of a picture, a sound or a film.
func (r *resolver) media(dest string) (string, bool) { return r.resolve(dest, schemes[:2]) }

func (r *resolver) resolve(dest string, allowed []string) (string, bool) {
	dest = strip(dest)
	if scheme, ok := schemeOf(dest); ok {
		for _, a := range allowed {
			// A web address without a host hangs on the page that it stands on.
			if strings.EqualFold(a, scheme) && (a == "mailto" || hasHost(dest[len(scheme)+1:])) {
				return canonical(normalise(dest))
			}
		}
		return "", false
	}
	switch {
	case dest == "" || dest[0] == '#':
		if len(dest) < 2 {
			return canonical(encode(r.post))
		}
		return canonical(encode(r.post + dest))
	case strings.HasPrefix(dest, "//"):
		if r.base != nil {
			return canonical(normalise(r.base.Scheme + ":" + dest))
		}
		return canonical(normalise(dest))
	}
	if found, ok := r.local(dest); ok {
		return canonical(normalise(found))
	}
	return r.relative(dest)
}

// hasHost says whether what follows a scheme names a host.
func hasHost(rest string) bool {
	host, ok := strings.CutPrefix(rest, "//")
	return ok && host != "" && strings.IndexByte("/?#", host[0]) < 0
}

// canonical writes an address as net/url does, which is what the policy would make of it.
func canonical(s string) (string, bool) {
	u, err := url.Parse(s)
	if err != nil {
		return "", false
	}
	return u.String(), true
}

// local asks the site for a page or a file beside the post.
func (r *resolver) local(dest string) (string, bool) {
	if found, ok := r.pelican(dest); ok {
		return found, true
	}
	path, rest := dest, ""
	if i := strings.IndexAny(dest, "?#"); i >= 0 {
		path, rest = dest[:i], dest[i:]
	}
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	lower := strings.ToLower(path)
	if r.ref != nil && (strings.HasPrefix(path, "@/") || strings.HasSuffix(lower, ".md") || strings.HasSuffix(lower, ".markdown")) {
		if found, _, ok := r.ref(path); ok {
			return found + rest, true
		}
	}
	if r.asset != nil && path[:min(1, len(path))] != "/" {
		if found, ok := r.asset(strings.TrimPrefix(path, "./")); ok {
			return found + rest, true
		}
	}
	return "", false
}

// pelican reads {filename}page.md, {static}/a.png and {attach}a.png, and the
// older form with bars.
func (r *resolver) pelican(dest string) (string, bool) {
	if dest[0] != '{' && dest[0] != '|' {
		return "", false
	}
	kind, path, ok := strings.Cut(dest[1:], map[byte]string{'{': "}", '|': "|"}[dest[0]])
	if !ok {
		return "", false
	}
	path, hash, hashed := strings.Cut(path, "#")
	if hashed {
		hash = "#" + hash
	}
	switch kind {
	case "filename":
		if r.ref != nil {
			if found, _, ok := r.ref(path); ok {
				return found + hash, true
			}
		}
		fallthrough
	case "static", "attach":
		if r.asset != nil {
			if found, ok := r.asset(path); ok {
				return found + hash, true
			}
		}
		return r.site + "/" + strings.TrimLeft(path, "/") + hash, true
	case "index":
		return r.site + "/", true
	}
	return "", false
}

func (r *resolver) relative(dest string) (string, bool) {
	u, err := url.Parse(encode(dest))
	if err != nil {
		return "", false
	}
	if r.base == nil {
		return u.String(), true
	}
	return r.base.ResolveReference(u).String(), true
}

// strip takes away what browsers do: white space around, tabs and line ends inside.
func strip(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || isControl(r) || noncharacter(r) }) {
		s = strings.Map(func(r rune) rune {
			if r < ' ' || isControl(r) || noncharacter(r) {
				return -1
			}
			return r
		}, s)
	}
	return s
}

// noncharacter says whether Unicode will never give r a meaning.
func noncharacter(r rune) bool { return r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe }

// schemeOf returns the scheme of an absolute address (RFC 3986 section 3.1).
func schemeOf(s string) (string, bool) {
	for i := 0; i < len(s); i++ {
		c := rune(s[i])
		switch {
		case c == ':':
			return s[:i], i > 0
		case isASCIIAlnum(c) && (i > 0 || c > '9'):
		case i > 0 && (c == '+' || c == '-' || c == '.'):
		default:
			return "", false
		}
	}
	return "", false
}

// normalise encodes an absolute address; a host name outside ASCII becomes Punycode.
func normalise(s string) string {
	i := strings.Index(s, "//")
	if i < 0 || ascii(s) {
		return encode(s)
	}
	host := s[i+2:]
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	name := host[strings.LastIndexByte(host, '@')+1:]
	if ascii(name) {
		return encode(s)
	}
	label, port, _ := strings.Cut(name, ":")
	puny, err := idna.Lookup.ToASCII(label)
	if err != nil {
		return encode(s)
	}
	if port != "" {
		puny += ":" + port
	}
	at := i + 2 + len(host) - len(name)
	return encode(s[:at] + puny + s[at+len(name):])
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// encode percent-encodes what RFC 3986 does not allow in an address; what is
// encoded already stays, a lone % becomes %25.
func encode(s string) string {
	i := 0
	for i < len(s) && urlByte(s, i) {
		i++
	}
	if i == len(s) {
		return s
	}
	const hex = "0123456789ABCDEF"
	out := append(make([]byte, 0, len(s)+32), s[:i]...)
	for ; i < len(s); i++ {
		if urlByte(s, i) {
			out = append(out, s[i])
		} else {
			out = append(out, '%', hex[s[i]>>4], hex[s[i]&15])
		}
	}
	return string(out)
}

func urlByte(s string, i int) bool {
	c := s[i]
	switch {
	case isASCIIAlnum(rune(c)):
		return true
	case c == '%':
		return i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])
	}
	return strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) >= 0
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
