package posts

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// acceptFeeds is what a request for a feed wants, best first.
const acceptFeeds = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"

// ask asks the feed and keeps how it went. An answer that is no good is kept as
// a failure beside the last good one; the error is about keeping. With force
// the whole feed is asked for. The feed is nil where nothing changed.
func (r *Remote) ask(ctx context.Context, force bool) (*remoteFeed, error) {
	a := &r.answer
	target := a.Feed
	if a.Moved != "" && a.Failures%2 == 0 {
		target = a.Moved // where that fails, the address before is asked in turn
	}
	a.Host = urlHost(target)
	rest, err := r.o.Answers.Resting(ctx, a.Host)
	if err != nil {
		return nil, err
	}
	if rest.After(r.o.Now) && !force {
		a.Next = rest
		return nil, r.o.Answers.KeepAnswer(ctx, r.o.Name, withoutText(*a))
	}
	f, answer, err := r.fetch(ctx, target, force)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	a.Asked = r.o.Now
	r.pace(answer, f, err)
	if err != nil {
		a.Failures++
		a.Failure = err.Error()
		return nil, r.o.Answers.KeepAnswer(ctx, r.o.Name, withoutText(*a))
	}
	a.Failures, a.Failure = 0, ""
	r.moved(answer)
	if f == nil {
		return nil, r.o.Answers.KeepAnswer(ctx, r.o.Name, withoutText(*a))
	}
	a.ETag, a.LastModified = answer.header.Get("ETag"), answer.header.Get("Last-Modified")
	a.Text, a.Base, a.Got, a.Site = f.text, answer.url.String(), r.o.Now, f.site
	return f, r.o.Answers.KeepAnswer(ctx, r.o.Name, *a)
}

func withoutText(a Answer) Answer {
	a.Text = nil
	return a
}

// reply is what a server said, apart from the body.
type reply struct {
	status int
	header http.Header
	asked  string
	url    *url.URL // that answered in the end
	moved  string   // where permanent redirects alone led, or ""
}

// fetch gets the feed. Without an error it is either there or nil: unchanged.
func (r *Remote) fetch(ctx context.Context, target string, force bool) (*remoteFeed, *reply, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, nil, bareURLError(err)
	}
	req.Header.Set("Accept", acceptFeeds)
	req.Header.Set("Accept-Encoding", "gzip, deflate") // unpacked here, within limits
	req.Header.Set("User-Agent", r.o.Agent)
	conditional := !force && r.answer.Text != nil
	r.version(req, conditional)
	var way permanent
	client := *r.client
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		way.follow(req)
		err := checkRedirect(req, via)
		r.version(req, conditional)
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("it does not answer: %w", r.late(ctx, bareURLError(err)))
	}
	defer res.Body.Close()
	answer := &reply{status: res.StatusCode, header: res.Header, asked: target, url: res.Request.URL, moved: way.to}
	if err := statusError(res); err != nil {
		return nil, answer, err
	}
	if res.StatusCode == http.StatusNotModified {
		if r.answer.Text == nil {
			return nil, answer, errors.New("it answers 304 Not Modified although nothing is known of it yet")
		}
		return nil, answer, nil
	}
	body, err := unpack(res, r.o.Size)
	if err != nil {
		return nil, answer, r.late(ctx, err)
	}
	f, err := r.judge(body, res.Header.Get("Content-Type"), answer.url)
	return f, answer, err
}

// version names the version that is kept to the address that it came from, by
// whatever redirects: to another one it says nothing, and may be a secret.
func (r *Remote) version(req *http.Request, conditional bool) {
	req.Header.Del("If-None-Match")
	req.Header.Del("If-Modified-Since")
	if conditional && req.URL.String() == r.answer.Base {
		setIf(req.Header, "If-None-Match", r.answer.ETag)
		setIf(req.Header, "If-Modified-Since", r.answer.LastModified)
	}
}

func setIf(h http.Header, key, value string) {
	if value != "" {
		h.Set(key, value)
	}
}

// late says in plain words that the time was over.
func (r *Remote) late(ctx context.Context, err error) error {
	var timeout net.Error
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Errorf("it was not done within %v", r.o.Timeout)
	}
	return err
}

// permanent is where redirects lead that are all permanent.
type permanent struct {
	to    string
	ended bool
}

func (p *permanent) follow(req *http.Request) {
	status := 0
	if req.Response != nil {
		status = req.Response.StatusCode
	}
	if p.ended = p.ended || status != http.StatusMovedPermanently && status != http.StatusPermanentRedirect; !p.ended {
		p.to = req.URL.String()
	}
}

// statusError tells why an answer by its status alone is no good.
func statusError(res *http.Response) error {
	shown := strings.TrimSpace(fmt.Sprintf("%d %s", res.StatusCode, http.StatusText(res.StatusCode)))
	switch s := res.StatusCode; {
	case s == http.StatusOK, s == http.StatusNotModified:
		return nil
	case s == http.StatusGone:
		return errors.New("it is gone for good, its server says (410): remove this source, or correct its address")
	case s == http.StatusNotFound:
		return fmt.Errorf("it answers %s: is the address right?", shown)
	case s == http.StatusTooManyRequests:
		return fmt.Errorf("it answers %s: it was asked too often", shown)
	default:
		return fmt.Errorf("it answers %s", shown)
	}
}

// unpack reads the body, which is packed once at most, up to the limit.
func unpack(res *http.Response, limit int64) ([]byte, error) {
	packed := &io.LimitedReader{R: res.Body, N: limit + 1}
	var plain io.Reader = packed
	switch coding := strings.ToLower(strings.TrimSpace(strings.Join(res.Header.Values("Content-Encoding"), ","))); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(packed)
		if err != nil {
			return nil, fmt.Errorf("its gzip is broken: %w", err)
		}
		plain = z
	case "deflate":
		plain = inflate(packed)
	default:
		return nil, fmt.Errorf("it is packed as %q, which nobody asked for", coding)
	}
	body, err := io.ReadAll(io.LimitReader(plain, limit+1))
	switch {
	case int64(len(body)) > limit || packed.N == 0:
		return nil, fmt.Errorf("it has more than %s: raise feed_size where it is right that it has", megabytes(limit))
	case err != nil:
		return nil, fmt.Errorf("its answer broke off: %w", err)
	case len(bytes.TrimSpace(body)) == 0:
		return nil, errors.New("its answer is empty")
	}
	return body, nil
}

func megabytes(n int64) string {
	if n%(1<<20) != 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// inflate reads what some servers call deflate: with the header of zlib, as the
// standard says (RFC 9110 section 8.4.1.2), or without.
func inflate(r io.Reader) io.Reader {
	head := make([]byte, 2)
	n, err := io.ReadFull(r, head)
	whole := io.MultiReader(bytes.NewReader(head[:n]), r)
	if err == nil && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		if z, err := zlib.NewReader(whole); err == nil {
			return z
		}
	}
	return flate.NewReader(whole)
}

// moved notes where the feed has moved for good: only a good answer from there
// is believed, and no way back from https.
func (r *Remote) moved(answer *reply) {
	a := &r.answer
	switch {
	case answer.moved == a.Feed, answer.moved == "" && answer.asked == a.Feed:
		a.Moved = ""
	case answer.moved == "", strings.HasPrefix(a.Feed, "https:") && !strings.HasPrefix(answer.moved, "https:"):
	default:
		a.Moved = answer.moved
	}
}

func urlHost(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return strings.ToLower(u.Host)
	}
	return ""
}

// dayAtMost bounds what a server can ask for.
func dayAtMost(d time.Duration) time.Duration { return min(max(d, 0), 24*time.Hour) }
