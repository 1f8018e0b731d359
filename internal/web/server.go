// Package web serves what readers meet in a browser: feeds, the pages behind
// the links of letters, the archive of issues, and the health of the daemon.
//
// Start with [New]. routes.go is the map of addresses. GET never changes
// anything; see [Readers].
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tidings.example/mailer"
	"tidings.example/posts"
)

// ErrNotFound is the answer of the interfaces below to an unknown token or number.
var ErrNotFound = errors.New("not found")

// ErrUnavailable is their answer where a wish cannot be written down now, and
// may be made again.
var ErrUnavailable = errors.New("unavailable")

// Invitation is what a token's page says before its button is pressed.
type Invitation struct {
	Digest   string // the digest's title
	Language string // of the reader, "" where unknown
	// Done says that the button was pressed before.
	Done bool
	// Expired says that the link is too old to be used.
	Expired bool
}

// Readers carries out a reader's wish.
type Readers interface {
	// Invitation tells what a confirmation token would confirm.
	Invitation(ctx context.Context, token string) (Invitation, error)
	// Confirm confirms a subscription; it may be called again.
	Confirm(ctx context.Context, token string) error
	// Leaving tells what an unsubscribe token would end. An erased reader's
	// token is as good as any: only a token that we never made is not found.
	Leaving(ctx context.Context, token string) (Invitation, error)
	// Unsubscribe ends a subscription before it returns; it may be called again.
	Unsubscribe(ctx context.Context, token string) error
}

// Issue is one issue as the archive shows it.
type Issue struct {
	Number   int64
	Title    string // the digest's title
	Language string
	Date     time.Time
	Posts    []posts.Record
}

// Archive shows what was sent.
type Archive interface {
	// Issue returns the issue of that number with its posts, newest first.
	Issue(ctx context.Context, number int64) (Issue, error)
	// Issues returns up to limit issues without posts with numbers below
	// before, newest first; before 0 means from the newest.
	Issues(ctx context.Context, before int64, limit int) ([]Issue, error)
}

// Health is one line for people and a verdict for machines.
type Health struct {
	OK       bool     `json:"ok"`
	Problems []string `json:"problems"`
}

// FeedLink is one feed in the list for people.
type FeedLink struct{ Title, URL, Type string }

// Feeds serves the feeds; feed.Server does.
type Feeds interface {
	http.Handler
	// Has tells the paths that it answers before any page is thought of. What
	// no page wants, it gets as well.
	Has(path string) bool
}

// Options is what a Server serves.
type Options struct {
	Publication mailer.Publication
	Language    string // of pages, where the reader's is not known
	Zone        *time.Location
	Readers     Readers
	Archive     Archive
	Feeds       Feeds // nil where none are served
	FeedLinks   func() []FeedLink
	// Directory is every feed there is. The page of feeds is made anew when it
	// gives another one; nil is a server without that page.
	Directory func() *Directory
	Health    func(ctx context.Context) Health
	Log       *slog.Logger
}

// Server answers requests. It is safe for concurrent use.
type Server struct {
	*shelf
	o       Options
	root    string // the path of the public address, with a slash at its end
	listed  listed
	handler http.Handler
}

// New builds the server; the error is a broken page template.
func New(o Options) (*Server, error) {
	shelf, err := newShelf()
	if err != nil {
		return nil, err
	}
	s := &Server{shelf: shelf, o: o, root: rootOf(o.Publication.WebURL)}
	s.handler = s.routes()
	return s, nil
}

// rootOf is the path under which readers reach the pages. Where it is not "/", a
// web server in front takes it off: links need it, and the routes do not.
func rootOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "/"
	}
	return strings.TrimSuffix(u.EscapedPath(), "/") + "/"
}

// ServeHTTP answers one request. A feed's path is looked up before anything
// else: most requests are polls that end with 304, and routing one costs as much
// as answering it. Feeds change nothing, so they need none of the pages' guards.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.o.Feeds != nil && s.o.Feeds.Has(r.URL.Path) {
		s.o.Feeds.ServeHTTP(w, r)
		return
	}
	s.handler.ServeHTTP(w, r)
}
