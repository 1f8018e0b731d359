package publish

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

// Feed is one selection of posts that is kept as a feed in every format.
type Feed struct {
	// Folder lies below the root of all feeds: "" for the feed of everything,
	// "tags/go" for one of a tag.
	Folder string
	Kind   Kind
	// About follows the publication's title, "" for the feed of everything.
	About string
	// Title, Description, Language and Home stand for the publication's, where
	// they are not "".
	Title, Description, Language, Home string

	Select posts.Selection
	// Entries gives the entries of a feed that is not of posts; Select is not
	// asked then. An entry's id follows the feed's.
	Entries func(ctx context.Context) ([]feed.Entry, error)
	// Items is how many posts the feed holds, 0 for as many as the others.
	Items int
}

// Kind says what a feed is of.
type Kind string

// The kinds of feeds, in the order in which they are listed.
const (
	OfAll      Kind = ""
	OfOwner    Kind = "own" // the owner's own choice of posts
	OfTag      Kind = "tag"
	OfCategory Kind = "category"
	OfLanguage Kind = "language"
	OfAuthor   Kind = "author"
	OfDigest   Kind = "digest" // the issues of a newsletter
)

// Kinds lists the kinds in their order.
func Kinds() []Kind { return []Kind{OfAll, OfOwner, OfTag, OfCategory, OfLanguage, OfAuthor, OfDigest} }

// Shelf reads what feeds show. internal/store implements it.
type Shelf interface {
	Newest(ctx context.Context, sel posts.Selection, n int) ([]posts.Record, error)
	LedgerVersion(ctx context.Context, sel posts.Selection) (int64, error)
	// LastWithdrawal is when a post of the selection was withdrawn last, zero for never.
	LastWithdrawal(ctx context.Context, sel posts.Selection) (time.Time, error)
	Remember(ctx context.Context, key, value string) (string, error)
}

// Feeds keeps the files of all feeds, and the pages of the server, as the
// ledger has them.
type Feeds struct {
	Shelf Shelf
	// Base is what all feeds have in common: everything but ID, Self, Entries
	// and Changed.
	Base feed.Document
	// Dir is where the files lie; URL, which ends in a slash, where they are found.
	Dir, URL string
	// Items is how many posts a feed holds.
	Items int
	// List names the feeds. It is asked at each round: tags come and go.
	List func(ctx context.Context) ([]Feed, error)
	// Server answers with the same bytes; nil where nothing is served.
	Server *feed.Server
	Log    *slog.Logger

	made map[string]made
	// served is the server that has the pages of made.
	served *feed.Server
}

// made is what the last round made of a feed.
type made struct {
	version int64
	pages   map[string]feed.Page
}

// Keep brings files and pages up to date and returns the files that changed.
func (f *Feeds) Keep(ctx context.Context, now time.Time) ([]string, error) {
	list, err := f.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list feeds: %w", err)
	}
	var changed []string
	next, pages, fresh := map[string]made{}, map[string]feed.Page{}, len(list) != len(f.made) || f.served != f.Server
	for _, one := range list {
		version, err := f.version(ctx, one)
		if err != nil {
			return changed, err
		}
		m, kept := f.made[one.Folder]
		if !kept || m.version != version || !f.there(one) {
			var files []string
			if m, files, err = f.make(ctx, one, now); err != nil {
				return changed, fmt.Errorf("feed %s: %w", one.name(), err)
			}
			m.version, fresh = version, true
			changed = append(changed, files...)
		}
		next[one.Folder] = m
		for path, page := range m.pages {
			pages[path] = page
		}
	}
	f.made = next
	if f.Server != nil && fresh {
		if err := f.Server.Update(pages, now); err != nil {
			return changed, err
		}
		f.served = f.Server
	}
	return changed, nil
}

// make encodes one feed in every format and writes the files.
func (f *Feeds) make(ctx context.Context, one Feed, now time.Time) (made, []string, error) {
	m := made{pages: map[string]feed.Page{}}
	doc, err := f.document(ctx, one, now)
	if err != nil {
		return m, nil, err
	}
	dir := filepath.Join(f.Dir, filepath.FromSlash(one.Folder))
	if _, known := f.made[one.Folder]; !known {
		if _, err := feed.RemoveLeftovers(dir, now.Add(-time.Hour)); err != nil {
			return m, nil, err
		}
	}
	var files []string
	for _, format := range feed.Formats() {
		e, err := feed.Encode(doc, format)
		if err != nil {
			return m, files, err
		}
		if len(e.Shortened) > 0 {
			f.Log.Info("a feed that would be too large shows summaries for its oldest posts", "feed", one.name(), "format", format.String(), "posts", len(e.Shortened))
		}
		if e.Oversize {
			f.Log.Warn("a feed is too large although it shows summaries only", "feed", one.name(), "format", format.String(), "bytes", len(e.Bytes))
		}
		file := filepath.Join(dir, format.FileName())
		wrote, err := feed.WriteFile(file, e.Bytes)
		if err != nil {
			return m, files, err
		}
		if wrote {
			files = append(files, file)
		}
		page := feed.NewPage(doc, e)
		if info, err := os.Stat(file); err == nil && info.ModTime().After(page.Changed) {
			page.Changed = info.ModTime()
		}
		m.pages["/"+one.path(format)] = page
	}
	return m, files, nil
}

// there tells whether all files of a feed are where they belong: somebody may
// have cleaned up.
func (f *Feeds) there(one Feed) bool {
	for _, format := range feed.Formats() {
		if _, err := os.Stat(filepath.Join(f.Dir, filepath.FromSlash(one.path(format)))); err != nil {
			return false
		}
	}
	return true
}

// document is the feed as the ledger has it: a pure function of ledger and
// configuration.
func (f *Feeds) document(ctx context.Context, one Feed, now time.Time) (*feed.Document, error) {
	doc, err := f.head(ctx, one, now)
	if err != nil {
		return nil, err
	}
	if one.Entries != nil {
		return doc, f.enter(ctx, one, doc)
	}
	records, err := f.Shelf.Newest(ctx, one.Select, cmp.Or(one.Items, f.Items))
	if err != nil {
		return nil, err
	}
	if doc.Changed, err = f.Shelf.LastWithdrawal(ctx, one.Select); err != nil {
		return nil, err
	}
	for i := range records {
		r := &records[i]
		doc.Entries = append(doc.Entries, feed.FromRecord(r))
		for _, t := range []time.Time{r.Released, r.Edited} {
			if t.After(doc.Changed) {
				doc.Changed = t
			}
		}
	}
	return doc, nil
}

// head is a feed's document without entries.
func (f *Feeds) head(ctx context.Context, one Feed, now time.Time) (*feed.Document, error) {
	doc, err := f.Base, error(nil)
	if doc.ID, err = f.id(ctx, one, now); err != nil {
		return nil, err
	}
	doc.Title, doc.Subtitle = f.Title(one), cmp.Or(one.Description, doc.Subtitle)
	doc.Language, doc.Home = cmp.Or(one.Language, doc.Language), cmp.Or(one.Home, doc.Home)
	doc.Self = feed.Addresses{RSS: f.Address(one, feed.RSS), Atom: f.Address(one, feed.Atom), JSON: f.Address(one, feed.JSON)}
	return &doc, nil
}

// Title is what a feed calls itself.
func (f *Feeds) Title(one Feed) string {
	switch {
	case one.Title != "":
		return one.Title
	case one.About != "":
		return f.Base.Title + " · " + one.About
	}
	return f.Base.Title
}

// id is the feed's tag: URI, minted when the feed is first made and kept
// wherever the feed moves.
func (f *Feeds) id(ctx context.Context, one Feed, now time.Time) (string, error) {
	u, err := url.Parse(f.Base.Home)
	if err != nil {
		return "", err
	}
	// RFC 4151: the date is one on which the name was the blog's.
	root, err := f.Shelf.Remember(ctx, "feed", "tag:"+u.Hostname()+","+now.UTC().Format(time.DateOnly)+":feed")
	if err != nil || one.Folder == "" {
		return root, err
	}
	return root + ":" + (&url.URL{Path: one.Folder}).EscapedPath(), nil
}

// Address is where a feed is found.
func (f *Feeds) Address(one Feed, format feed.Format) string {
	return f.URL + (&url.URL{Path: one.path(format)}).EscapedPath()
}

func (one Feed) path(format feed.Format) string {
	if one.Folder == "" {
		return format.FileName()
	}
	return one.Folder + "/" + format.FileName()
}

func (one Feed) name() string {
	if one.Folder == "" {
		return "of all posts"
	}
	return one.Folder
}

// Folder is a word as the name of a folder: safe on disk and in an address,
// and the same for words that the ledger takes for the same.
func Folder(kind, word string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r < ' ', strings.ContainsRune(`/\:*?"<>|%#&`, r), r == 0x7f:
			return '-'
		case r == ' ':
			return '-'
		}
		return r
	}, posts.Fold(word))
	name = strings.Trim(name, ".")
	if name == "" || len(name) > 100 {
		name = fmt.Sprintf("%x", word)[:min(100, 2*len(word))]
	}
	return kind + "/" + name
}
