package adopt

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Limits of what is read.
const (
	maxBytes     = 64 << 20
	maxRedirects = 10
	patience     = time.Minute
)

// Read returns the text of the feed at an address or in a file, unpacked, with
// what the server says of its type and the address that it came from.
//
// The address is the owner's own word, so it may lie in a private network.
func Read(ctx context.Context, place, agent string) (text []byte, contentType, from string, err error) {
	scheme, rest, isURL := strings.Cut(place, "://")
	switch {
	case !isURL:
		text, err = readFile(place)
	case scheme != "http" && scheme != "https" || rest == "":
		return nil, "", "", fmt.Errorf("%s: want a file, or an address that begins with https:// or http://", place)
	default:
		text, contentType, from, err = fetch(ctx, place, agent)
	}
	if err != nil {
		return nil, "", "", err
	}
	if bytes.HasPrefix(text, []byte("\x1f\x8b")) {
		if text, err = unpack(text); err != nil {
			return nil, "", "", fmt.Errorf("%s: %w", place, err)
		}
	}
	return text, contentType, from, nil
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a folder: name the file of the feed", name)
	}
	text, err := limited(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// errLarge says that something is no feed that a reader would take.
var errLarge = fmt.Errorf("is larger than %d MB: is it the feed?", maxBytes>>20)

func limited(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err == nil && len(text) > maxBytes {
		err = errLarge
	}
	return text, err
}

func unpack(text []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("cannot be unpacked: %w", err)
	}
	if text, err = limited(z); err != nil && !errors.Is(err, errLarge) {
		err = fmt.Errorf("cannot be unpacked: %w", err)
	}
	return text, err
}

func fetch(ctx context.Context, address, agent string) (text []byte, contentType, from string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", "", err
	}
	req.Header.Set("User-Agent", agent)
	req.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5")
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return fmt.Errorf("it leads on more than %d times", maxRedirects)
		}
		if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
			return fmt.Errorf("it leads to %s, which is no web address", req.URL)
		}
		return nil
	}}
	answer, err := client.Do(req)
	if err != nil {
		if ue, is := errors.AsType[*url.Error](err); is {
			err = ue.Err
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no whole answer within %s", patience)
		}
		return nil, "", "", fmt.Errorf("%s: %w", address, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, "", "", fmt.Errorf("%s: the server answers %s: give the address that your readers have, or the file of the feed", address, answer.Status)
	}
	if text, err = limited(answer.Body); err != nil {
		return nil, "", "", fmt.Errorf("%s: %w", address, err)
	}
	return text, answer.Header.Get("Content-Type"), answer.Request.URL.String(), nil
}
