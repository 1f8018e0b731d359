package posts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// remoteVersion is part of [Remote.Config]: raising it makes every item be read
// again after the rules of this package have changed.
const remoteVersion = "1"

// RemoteOptions say how a remote feed is read. Name, Feed, Now, Answers and
// Ledger are required.
type RemoteOptions struct {
	// Name is the source's name in the ledger.
	Name string
	// Feed is the address of the feed: RSS, Atom, or JSON Feed.
	Feed string
	// Now is the instant of the scan.
	Now     time.Time
	Answers Answers
	Ledger  Ledger
	// Every is the least time between two requests, Timeout the longest time of
	// one with its redirects, Size how many bytes an answer may have once it is
	// unpacked. Zero is 15 minutes, 30 seconds, 10 MB; a negative Every asks
	// whenever the server lets it.
	Every, Timeout time.Duration
	Size           int64
	// Own are addresses whose hosts may be in a private network.
	Own []string
	// Private lets the feed's own host be in a private network.
	Private bool
	// Agent is the User-Agent of every request.
	Agent string
	// URL is the address of the site, where the feed names none or a wrong one.
	URL string
	// TimeZone is the zone of dates that name none; nil is UTC.
	TimeZone *time.Location
	// Language is the BCP 47 tag of posts that name none, nor their feed.
	Language string
}

// Remote is a [Source] that reads a feed on the web.
//
// Items that have left the feed stay: a feed shows its newest ones only. What
// it calls deleted (RFC 6721) is gone. Open one for each scan.
type Remote struct {
	o      RemoteOptions
	client *http.Client
	answer Answer
}

var _ Source = (*Remote)(nil)

// OpenRemote reads what is kept of the feed. It asks nobody.
func OpenRemote(ctx context.Context, o RemoteOptions) (*Remote, error) {
	if err := feedAddress(o.Feed); err != nil {
		return nil, err
	}
	o.defaults()
	r := &Remote{o: o}
	var err error
	if r.answer, err = o.Answers.Answer(ctx, o.Name); err != nil {
		return nil, err
	}
	if r.answer.Feed != o.Feed {
		// Another feed under the old name: what is kept stands until it answers.
		r.answer.Feed, r.answer.Moved, r.answer.ETag, r.answer.LastModified = o.Feed, "", "", ""
		r.answer.Next, r.answer.Failures, r.answer.Failure = time.Time{}, 0, ""
	}
	r.client = o.client()
	return r, nil
}

func feedAddress(raw string) error {
	if u, err := url.Parse(raw); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no address of a feed (want https://blog.example.org/atom.xml)", raw)
	}
	return nil
}

func (o *RemoteOptions) defaults() {
	switch {
	case o.Every == 0:
		o.Every = 15 * time.Minute
	case o.Every < 0:
		o.Every = 0
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Size <= 0 {
		o.Size = 10 << 20
	}
	if o.TimeZone == nil {
		o.TimeZone = time.UTC
	}
}

// Close ends the connections.
func (r *Remote) Close() error {
	r.client.CloseIdleConnections()
	return nil
}

// Config implements [Source].
func (r *Remote) Config() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "remote|%s|%s|%s", remoteVersion, r.o.TimeZone, r.o.Language))
	return hex.EncodeToString(sum[:8])
}

// Site implements [Source]: what the last good answer says. Before the first
// one it is empty but for what the options say.
func (r *Remote) Site() Site {
	s := r.answer.Site
	site := Site{Kind: Feed, Title: s.Title, Description: s.Description, URL: siteURL(s.URL), Language: s.Language, Author: s.Author}
	if r.o.URL != "" {
		site.URL = siteURL(r.o.URL)
	}
	if site.Language == "" {
		site.Language = languageTag(r.o.Language)
	}
	return site
}

// Moved is where the feed has moved for good, or "".
func (r *Remote) Moved() string { return r.answer.Moved }

// Introduce asks the feed where nothing is kept of it, so that Site can tell.
func (r *Remote) Introduce(ctx context.Context) error {
	if r.answer.Text != nil {
		return nil
	}
	_, err := r.read(ctx, false)
	return err
}

// LookAtFeed asks a feed what it says of itself, and keeps nothing. Of the
// options Answers, Ledger and Name are not needed. A page instead of a feed is
// a [PageError]. The address is where the feed has moved for good, else its own.
func LookAtFeed(ctx context.Context, o RemoteOptions) (site Site, address string, err error) {
	if err := feedAddress(o.Feed); err != nil {
		return Site{}, "", err
	}
	o.defaults()
	r := &Remote{o: o, client: o.client()}
	defer r.client.CloseIdleConnections()
	f, answer, err := r.fetch(ctx, o.Feed, true)
	if err != nil {
		return Site{}, "", fmt.Errorf("%s: %w", shownFeed(o.Feed), err)
	}
	r.answer = Answer{Feed: o.Feed, Site: f.site}
	r.moved(answer)
	return r.Site(), cmp.Or(r.answer.Moved, o.Feed), nil
}

// read returns the feed as it is now: it asks where it is time to, and takes
// what is kept where the answer is that nothing changed. A failure stays one
// until the next good answer, whether it is time to ask or not.
func (r *Remote) read(ctx context.Context, force bool) (*remoteFeed, error) {
	var fresh *remoteFeed
	if force || !r.answer.Next.After(r.o.Now) {
		var err error
		if fresh, err = r.ask(ctx, force); err != nil {
			return nil, err
		}
	}
	switch {
	case r.answer.Failure != "":
		return nil, fmt.Errorf("%s%s", r.answer.Failure, r.again())
	case fresh != nil:
		return fresh, nil
	case r.answer.Text == nil:
		return nil, fmt.Errorf("nothing is known of it yet, and its server asked to be left alone%s", r.again())
	}
	return parseRemote(r.answer.Text, r.answer.Base, r.o.TimeZone)
}

// again says when the feed is asked next.
func (r *Remote) again() string {
	if r.answer.Next.Sub(r.o.Now) < time.Hour {
		return ""
	}
	return "; it is asked again after " + r.answer.Next.UTC().Format("2006-01-02 15:04 MST")
}
