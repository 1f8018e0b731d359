package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Web asks the pages that readers reach, as they do.
type Web struct {
	// Client follows no redirects; see [Client].
	Client *http.Client
	Now    time.Time
}

// Client is a client for [Web]: it follows no redirects, since a mail program
// that unsubscribes its reader follows none (RFC 8058 section 3.1).
func Client(limit time.Duration) *http.Client {
	return &http.Client{Timeout: limit, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: limit}}
}

// Unsubscribe looks whether the link to unsubscribe works from here: by GET, as a
// reader opens it, and by POST, as a mail program presses it. The address is
// one of nobody, so it changes nothing.
func (w Web) Unsubscribe(ctx context.Context, address string) []Finding {
	u, err := url.Parse(address)
	if err != nil {
		return []Finding{{"unsubscribe", Fail, "the link to unsubscribe is no address", "correct web.url"}}
	}
	opened, answer := w.try(ctx, http.MethodGet, u)
	if answer == nil {
		return []Finding{opened}
	}
	out := []Finding{opened}
	if answer.TLS != nil {
		out = append(out, Certificate("unsubscribe", u.Host, answer.TLS, w.Now))
	}
	if skew, found := w.skew(answer); found {
		out = append(out, skew)
	}
	if opened.Level == OK {
		pressed, _ := w.try(ctx, http.MethodPost, u)
		out = append(out, pressed)
	}
	return out
}

// try makes one request. The answer is nil where there was none.
func (w Web) try(ctx context.Context, method string, u *url.URL) (Finding, *http.Response) {
	const check = "unsubscribe"
	form := strings.NewReader("List-Unsubscribe=One-Click")
	request, err := http.NewRequestWithContext(ctx, method, u.String(), form)
	if err != nil {
		return Finding{check, Fail, err.Error(), "correct web.url"}, nil
	}
	what := "readers can open links of letters at " + u.Host
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		what = "one-click unsubscribing works at " + u.Host
	} else {
		request.Body, request.ContentLength = nil, 0
	}
	answer, err := w.Client.Do(request)
	if err != nil {
		return Finding{check, Fail, fmt.Sprintf("%s does not answer: %s", u.Host, plainly(err)), advise(err)}, nil
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)) // only the head counts
	says := fmt.Sprintf("%s answers %s %s with %s", u.Host, method, shorten(u.Path), answer.Status)
	switch to := answer.Header.Get("Location"); {
	case answer.StatusCode/100 == 3:
		return Finding{check, Fail, says + ", to " + to, "set web.url to where readers really arrive: mail programs that unsubscribe follow no redirect"}, answer
	case answer.StatusCode/100 != 2:
		return Finding{check, Fail, says, "let the web server before tidings pass all of web.url on, GET and POST"}, answer
	case u.Scheme != "https":
		return Finding{check, Warn, what + ", but not by https: mail programs offer one-click unsubscribing by https only", "put a web server with https in front, and write https in web.url"}, answer
	}
	return ok(check, "%s", what), answer
}

// shorten hides the token in a path.
func shorten(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i+1] + "…"
	}
	return path
}

// plainly is what went wrong, without the address.
func plainly(err error) string {
	var wrong *url.Error
	if errors.As(err, &wrong) {
		err = wrong.Err
	}
	return err.Error()
}

func advise(err error) string {
	var name x509.HostnameError
	var expired x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var bad *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name):
		return "get a certificate for this name"
	case errors.As(err, &expired):
		return "renew the certificate; is the clock right?"
	case errors.As(err, &unknown):
		return "get a certificate from an authority that readers know, and let the server send the whole chain"
	case errors.As(err, &bad):
		return "get another certificate"
	}
	return "see that web.url leads to this machine, and that tidings serve runs"
}

// renew is how long before its end a certificate should have been renewed.
const renew = 14 * 24 * time.Hour

// Certificate judges what a server showed, which was accepted.
func Certificate(check, server string, state *tls.ConnectionState, now time.Time) Finding {
	version := tls.VersionName(state.Version)
	if len(state.PeerCertificates) == 0 {
		return ok(check, "%s speaks %s", server, version)
	}
	end := state.PeerCertificates[0].NotAfter
	if left := end.Sub(now); left < renew {
		return Finding{check, Warn, fmt.Sprintf("the certificate of %s ends on %s", server, end.UTC().Format("2006-01-02 15:04 MST")), "have it renewed: letters and links stop working then"}
	}
	return ok(check, "%s speaks %s, its certificate is good until %s", server, version, end.UTC().Format("2006-01-02"))
}

// skew compares this clock with that of a server, which rounds to seconds.
func (w Web) skew(answer *http.Response) (Finding, bool) {
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return Finding{}, false
	}
	return Clock(w.Now.Sub(date)), true
}

// Clock judges by how much this clock is ahead. Letters and signatures carry its
// time, and receivers refuse those from the future.
func Clock(ahead time.Duration) Finding {
	const do = "let the clock be set by NTP"
	amount := ahead.Abs().Round(time.Second)
	which := "ahead of"
	if ahead < 0 {
		which = "behind"
	}
	switch {
	case amount > time.Hour:
		return Finding{"clock", Fail, fmt.Sprintf("this clock is %s %s a server's", amount, which), do}
	case amount > time.Minute:
		return Finding{"clock", Warn, fmt.Sprintf("this clock is %s %s a server's", amount, which), do}
	}
	return ok("clock", "this clock agrees with a server's within a minute")
}
