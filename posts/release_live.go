package posts

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// HTTPLive returns a function that tells whether a URL answers 2xx, after
// redirects: it asks by HEAD, and by GET where that is not enough, since some
// servers know no HEAD. Each look ends after the timeout.
func HTTPLive(client *http.Client, timeout time.Duration) func(ctx context.Context, url string) error {
	return func(ctx context.Context, raw string) error {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%q is no http URL", raw)
		}
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		if status, err := ask(ctx, client, http.MethodHead, raw); err == nil && status/100 == 2 {
			return nil
		}
		status, err := ask(ctx, client, http.MethodGet, raw)
		switch {
		case err != nil:
			return fmt.Errorf("does not answer: %w", err)
		case status/100 != 2:
			return fmt.Errorf("not live: %s answers %d %s", raw, status, http.StatusText(status))
		}
		return nil
	}
}

// ask returns the status of the answer.
func ask(ctx context.Context, client *http.Client, method, raw string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, method, raw, nil)
	if err != nil {
		return 0, err
	}
	// The page that a reader would get, not one that a cache still has.
	req.Header.Set("Cache-Control", "no-cache")
	req.Header.Set("User-Agent", "tidings (looks whether a new post is live)")
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	// A short page is read so that the connection can serve the next look. The
	// status has decided already: an error here says nothing.
	_, _ = io.CopyN(io.Discard, res.Body, 64<<10)
	return res.StatusCode, nil
}
