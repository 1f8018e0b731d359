package posts

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// liveRedirects is how many times a look follows a page that has moved.
const liveRedirects = 5

// LiveClient returns the client for [HTTPLive]. A post's header and a redirect
// decide what it asks, so it connects to public addresses only, whatever a name
// resolves to. The sites, URLs of the owner's own blogs, are excepted, each with
// its own host and port.
func LiveClient(sites []string, timeout time.Duration) *http.Client {
	g := newGuard(sites, "is no public address, and a post's URL must have one or be on the site's own host")
	return &http.Client{
		Timeout:   timeout,
		Transport: g.transport(),
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > liveRedirects {
				return fmt.Errorf("stopped after %d redirects", liveRedirects)
			}
			return nil
		},
	}
}

// sameHost tells whether an absolute address is on the site's own host.
func sameHost(site, address string) bool {
	s, err := url.Parse(site)
	if err != nil {
		return false
	}
	a, err := url.Parse(address)
	return err == nil && hostName(a) == hostName(s) && portOf(a) == portOf(s)
}

// portOf is "" for the usual ports.
func portOf(u *url.URL) string {
	if p := u.Port(); p != "80" && p != "443" {
		return p
	}
	return ""
}
