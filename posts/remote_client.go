package posts

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// remoteRedirects is how many times a request for a feed is sent on.
const remoteRedirects = 5

// client returns a client for the feed alone. It keeps no cookies and sends no
// credentials; each address on the way is guarded by itself.
func (o *RemoteOptions) client() *http.Client {
	own := o.Own
	if o.Private {
		own = append([]string{o.Feed}, own...)
	}
	g := newGuard(own, "is no public address: set allow_private = true where the feed's own host is in your network")
	return &http.Client{Transport: g.transport(), CheckRedirect: checkRedirect}
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > remoteRedirects {
		return fmt.Errorf("stopped after %d redirects", remoteRedirects)
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return fmt.Errorf("it redirects to an address of the kind %q", req.URL.Scheme)
	}
	// The address of a private feed is a secret.
	req.Header.Del("Referer")
	req.URL.User = nil
	req.Header.Del("Authorization")
	return nil
}

// bareURLError drops the address from an error of the client: it may hold a
// secret, and the caller names the feed.
func bareURLError(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}
