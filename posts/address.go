package posts

import (
	"net/url"
	"path"
	"strings"
)

// escapePath percent-encodes a path. Everything that RFC 3986 section 3.3
// allows in a path stays; with keep, escapes that are there already stay too.
func escapePath(s string, keep bool) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = pathByte(s[i])
	}
	if clean {
		return s
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s) * 2)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case pathByte(c):
			b.WriteByte(c)
		case c == '%' && keep && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b.WriteString(strings.ToUpper(s[i : i+3]))
			i += 2
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// pathByte tells the bytes that a path may hold as they are.
func pathByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~!$&'()*+,;=:@/", c) >= 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// rooted makes a path that begins with exactly one slash and has no doubled ones.
func rooted(s string) string {
	for strings.Contains(s, "//") {
		s = strings.ReplaceAll(s, "//", "/")
	}
	if !strings.HasPrefix(s, "/") {
		s = "/" + s
	}
	return s
}

// unclimbed resolves . and .. in a path so that it cannot leave the root.
func unclimbed(s string) string {
	if !strings.Contains(s, "./") && !strings.HasSuffix(s, "/.") && !strings.HasSuffix(s, "..") {
		return s
	}
	clean := path.Clean("/" + s)
	if strings.HasSuffix(s, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// settled resolves the . and .. of an escaped path, also those that are escaped
// themselves: every browser does.
func settled(address string) string {
	if isAbsolute(address) || !strings.Contains(address, ".") && !strings.Contains(address, "%2E") {
		return address
	}
	return rooted(unclimbed(strings.ReplaceAll(address, "%2E", ".")))
}

// isAbsolute tells addresses that carry their own host.
func isAbsolute(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// siteURL returns the address of a site's root with a slash at its end, or ""
// for what is no http address.
func siteURL(raw string) string {
	raw = strings.TrimSpace(raw)
	if strings.HasPrefix(raw, "//") {
		raw = "https:" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || !isAbsolute(strings.ToLower(raw)) {
		return ""
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	u.Scheme = strings.ToLower(u.Scheme)
	return u.Scheme + "://" + u.Host + strings.TrimRight(escapePath(rooted(u.Path), false), "/") + "/"
}

// localHost tells addresses that only the owner's machine answers at: they are
// left over from trying the site out.
func localHost(site string) bool {
	u, err := url.Parse(site)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "0.0.0.0" || host == "::1"
}

// sitePath returns the path of a site's URL, with a slash at both ends.
func sitePath(site string) string {
	if u, err := url.Parse(site); err == nil && site != "" {
		return rooted(strings.TrimRight(u.EscapedPath(), "/") + "/")
	}
	return "/"
}

// joinURL appends an escaped path from the site's root to the site's URL. It is
// "" when the site's URL is, unless the address is absolute.
func joinURL(site, address string) string {
	if isAbsolute(address) {
		return absoluteURL(address)
	}
	if site == "" {
		return ""
	}
	return site + strings.TrimLeft(address, "/")
}

// absoluteURL escapes the path of a URL that a header names.
func absoluteURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	tail := ""
	if u.RawQuery != "" {
		tail = "?" + u.RawQuery
	}
	return u.Scheme + "://" + u.Host + escapePath(u.EscapedPath(), true) + tail
}

// resolveURL makes the absolute URL of something that a header or body names:
// from the site's root where it begins with a slash, else beside the post.
func resolveURL(site, post, ref string) string {
	ref = strings.TrimSpace(ref)
	switch {
	case ref == "":
		return ""
	case strings.HasPrefix(ref, "//"):
		return absoluteURL("https:" + ref)
	case isAbsolute(ref):
		return absoluteURL(ref)
	case site == "":
		return ""
	case strings.HasPrefix(ref, "/"):
		// Where the site lives below a path the header may or may not say it.
		if prefix := sitePath(site); prefix != "/" && strings.HasPrefix(ref, prefix) {
			ref = strings.TrimPrefix(ref, prefix)
		}
		return joinURL(site, escapePath(unclimbed(ref), true))
	case post == "":
		return ""
	}
	base, err := url.Parse(post)
	if err != nil {
		return ""
	}
	u, err := base.Parse(escapePath(ref, true))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.String()
}
