package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"tidings.example/internal/locale"
	"tidings.example/mailer"
)

// Directory is every feed that there is, for the page that lists them. It is
// never changed once a page was made of it.
type Directory struct {
	// Author is who writes the blog, "" where nobody says.
	Author string
	Main   Listing
	// Groups are the other feeds by what they are of.
	Groups []Group
	// OPML is the address of the list for feed readers, "" for none.
	OPML string
}

// Group is the feeds of one kind, which names its words: page.feeds.KIND.
type Group struct {
	Kind  string
	Feeds []Listing
}

// openGroup is how many feeds of a group are shown without being asked for.
const openGroup = 24

// Open tells whether a group is shown at once.
func (g Group) Open() bool { return len(g.Feeds) <= openGroup }

// Listing is one feed with its addresses.
type Listing struct {
	Name, Description string
	Language          string // of name and description, "" where it is not known
	Atom, RSS, JSON   string
}

// Address is where a feed is found in one format.
type Address struct{ Format, URL string }

// Addresses are those of the feed, the best format first.
func (l Listing) Addresses() []Address {
	return []Address{{"Atom", l.Atom}, {"RSS", l.RSS}, {"JSON Feed", l.JSON}}
}

// listed keeps the page of feeds, once for each language: with hundreds of tags
// it is the one page that takes a while to make.
type listed struct {
	mu    sync.Mutex
	pages map[string]listedPage
}

type listedPage struct {
	of   *Directory
	text []byte
	tag  string
}

// feeds lists every feed. Who has the page already gets a 304.
func (s *Server) feeds(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r, "")
	p, err := s.listing(v, s.o.Directory())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "default-src 'none';", "default-src 'none'; script-src 'self';", 1))
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Language)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Language")
	h.Set("ETag", p.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.text))
	return nil
}

// toFeeds leads to the page of feeds.
func (s *Server) toFeeds(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, s.root+"feeds", http.StatusMovedPermanently)
	return nil
}

// listing makes the page, unless there is one of this directory.
func (s *Server) listing(v *view, d *Directory) (listedPage, error) {
	s.listed.mu.Lock()
	defer s.listed.mu.Unlock()
	if p, ok := s.listed.pages[v.Language]; ok && p.of == d {
		return p, nil
	}
	v.Script = s.root + s.scriptAt
	text, err := s.shelf.listing(v, d)
	if err != nil {
		return listedPage{}, err
	}
	if s.listed.pages == nil {
		s.listed.pages = map[string]listedPage{}
	}
	p := listedPage{of: d, text: text, tag: `"` + fingerprint(text) + `"`}
	s.listed.pages[v.Language] = p
	return p, nil
}

func (s *shelf) listing(v *view, d *Directory) ([]byte, error) {
	v.Directory, v.Heading = d, v.T("page.feeds.title", v.Publication.Title)
	v.Title = v.Heading
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, "feeds.html", v); err != nil {
		return nil, fmt.Errorf("page of feeds: %w", err)
	}
	return b.Bytes(), nil
}

// File is the page of feeds as one file that needs no other, for hosts that
// serve nothing but files.
type File struct {
	Publication mailer.Publication
	Language    string
	FeedLinks   []FeedLink
	Directory   *Directory
	// Root is the address of the other pages with a slash at the end, "" where
	// nobody serves them.
	Root string
	// Mark stands in the file as a comment, so that its writer knows it again.
	Mark string

	style, script string
}

// Style is our own style sheet, and Script our own script: they are no text
// from elsewhere, and neither is Comment.
func (f *File) Style() template.CSS { return template.CSS(f.style) }

// Script is what Style says.
func (f *File) Script() template.JS { return template.JS(f.script) }

// Comment is what Style says.
func (f *File) Comment() template.HTML {
	return template.HTML("<!-- " + html.EscapeString(f.Mark) + " -->")
}

// Policy allows the page what it brings along, and nothing else.
func (f *File) Policy() string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; img-src data:; style-src " + hash(f.style) + "; script-src " + hash(f.script) + "; base-uri 'none'; form-action 'none'"
}

// FeedsFile writes the file. Equal files have equal bytes.
func FeedsFile(f File) ([]byte, error) {
	s, err := newShelf()
	if err != nil {
		return nil, err
	}
	f.style, f.script = "\n"+string(s.style), "\n"+string(s.script)
	return s.listing(&view{Language: locale.Match(f.Language), Publication: f.Publication, Root: f.Root, Feeds: f.FeedLinks, File: &f}, f.Directory)
}
