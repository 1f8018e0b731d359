package adopt

import (
	"net/url"
	"path"
	"strings"
	"time"

	"tidings.example/posts"
)

// loosePath is the path of an address as generators differ in writing it down:
// without host, case, ending, index file and slash. It is "" for the root.
func loosePath(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return ""
	}
	p := strings.ToLower(path.Clean("/" + u.Path))
	for _, ending := range []string{".html", ".htm", ".php"} {
		p = strings.TrimSuffix(p, ending)
	}
	p = strings.TrimSuffix(p, "/index")
	if p == "/" || p == "" {
		if u.RawQuery == "" {
			return ""
		}
		p = "/"
	}
	if u.RawQuery != "" {
		p += "?" + u.RawQuery
	}
	return p
}

// titleKey is a title as it is compared, "" for none.
func titleKey(title string) string { return posts.Fold(oneLine(title)) }

// sameDay tells whether two dates are of one day in some zone.
func sameDay(a, b time.Time) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() <= 24*time.Hour
}
