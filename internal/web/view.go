package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tidings.example/internal/locale"
	"tidings.example/mailer"
)

// view is what a page template sees.
type view struct {
	Language    string
	Publication mailer.Publication
	Root        string // of the other pages' addresses, with a slash at its end; "" where nobody serves them
	Style       string
	Title       string // of the browser's window
	Heading     string
	Text        string
	Button      string // "" is no button
	Action      string // where the button posts to
	NoIndex     bool
	Feeds       []FeedLink
	Issue       Issue
	Issues      []Issue
	Older       int64 // number to page on from, 0 for none
	Zone        *time.Location
	Directory   *Directory
	Script      string // address of the page's script, "" for none
	File        *File  // where the page is a file of its own, nil on the server
}

// T is a word in the page's language.
func (v *view) T(key string, args ...any) string { return words(v.Language, key, args...) }

// view starts the view of a page; language "" asks the browser.
func (s *Server) view(r *http.Request, language string) *view {
	if language == "" {
		language = s.language(r)
	}
	v := &view{Language: locale.Match(language), Publication: s.o.Publication, Root: s.root, Style: s.root + s.styleAt, Zone: s.o.Zone}
	if s.o.FeedLinks != nil {
		v.Feeds = s.o.FeedLinks()
	}
	return v
}

// language is the browser's first wish that we have words for, else the site's.
func (s *Server) language(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base == "zh" || base == "en" {
			return tag
		}
	}
	return s.o.Language
}

// render writes a page; a template that fails leaves no half page behind.
func (s *Server) render(w http.ResponseWriter, status int, name string, v *view) error {
	if v.Title == "" {
		v.Title = v.Heading
	}
	var b bytes.Buffer
	if err := s.pages.ExecuteTemplate(&b, name, v); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Language)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	h.Add("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

// words is a word in a language, for templates.
func words(language, key string, args ...any) string { return locale.For(language).T(key, args...) }

// day is a date as the language writes it.
func day(language string, t time.Time, zone *time.Location) string {
	return locale.For(language).Date(t.In(zone))
}

func join(list []string) string { return strings.Join(list, ", ") }

func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}
