package posts

import (
	"context"
	"iter"

	"tidings.example/posts/markdown"
)

// Source is where posts come from.
type Source interface {
	// Scan visits every post file in ascending byte order of its path.
	//
	// known yields what the ledger holds, in the same order; a file whose Stamp
	// equals the known one is reported with Unchanged set and is not opened,
	// unless verify is set or the known Config differs from the source's.
	// A file whose hash equals the known one is reported with Touched set.
	//
	// One broken file never ends the sequence: it is an Entry with a nil Post
	// and a Problem. A non-nil error ends it: the source as a whole could not
	// be read, and the scan must change nothing.
	Scan(ctx context.Context, known iter.Seq2[Known, error], verify bool) iter.Seq2[Entry, error]

	// Config identifies everything outside of the files that shapes a Post
	// (site configuration, kind, time zone, version of the reader). When it
	// changes, stamps are not believed.
	Config() string

	// Render renders the body of the post at path, as it is now. The caller
	// compares Rendered.Hash with the Post's. The error is fs.ErrNotExist where
	// the post is not there any more.
	Render(ctx context.Context, path string) (Rendered, error)

	// Site tells what the site says of itself.
	Site() Site
}

// Site is what a site's own configuration says. Fields are "" where it does not.
type Site struct {
	Kind        Kind
	Title       string
	Description string
	URL         string // absolute, ends in a slash
	Language    string // BCP 47
	TimeZone    string // IANA name
	Author      Author
}

// Known is what the ledger holds of one file of a source.
type Known struct {
	Path   string
	Stamp  Stamp
	Hash   string
	Config string
	// Ignored says that the file was found to hold no post.
	Ignored bool
	// Twin says that the post it shows is taken from another file.
	Twin bool
}

// Entry is what a scan found at one path. One without a Post and without
// Problems, neither Unchanged nor Touched, is a file that holds no post: the
// ledger remembers its Stamp.
type Entry struct {
	Path      string
	Unchanged bool // the stamp is the known one; Post is nil
	Touched   bool // only the stamp changed; Post is nil, Stamp is the new one
	Stamp     Stamp
	Post      *Post
	Problems  []Problem
}

// Rendered is a body ready for feeds and letters.
type Rendered struct {
	markdown.Result        // with the lines of the file in its Warnings
	Hash            string // of the file's bytes, as Post.Hash
}

// Kind is a site generator.
type Kind string

// The kinds that a site directory can be.
const (
	Hexo     Kind = "hexo"
	Hugo     Kind = "hugo"
	Jekyll   Kind = "jekyll"
	Zola     Kind = "zola"
	Eleventy Kind = "eleventy"
	Astro    Kind = "astro"
	Pelican  Kind = "pelican"
	Markdown Kind = "markdown"
	// Feed is a feed on the web: see [Remote].
	Feed Kind = "feed"
)
