package publish

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

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

// base stands for everything in a feed's documents that does not come from its
// posts.
func (f *Feeds) base(one Feed, head *feed.Document) (string, error) {
	d := *head
	d.Zone = nil
	return fingerprint(feed.Revision, d, head.Zone.String(), one.Select, f.items(one), f.Archive)
}

// fingerprint is a short text that differs where any of the parts does.
func fingerprint(parts ...any) (string, error) {
	text, err := json.Marshal(parts)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), err
}

// items is how many posts the feed itself holds.
func (f *Feeds) items(one Feed) int { return cmp.Or(one.Items, f.Items) }

// fill adds posts to a document.
func fill(doc *feed.Document, records []posts.Record) {
	for i := range records {
		r := &records[i]
		doc.Entries = append(doc.Entries, feed.FromRecord(r))
		doc.Changed = latest(doc.Changed, latest(r.Released, r.Edited))
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// seqs are the numbers of the posts.
func seqs(versions []posts.Version) []int64 {
	out := make([]int64, len(versions))
	for i, v := range versions {
		out[i] = v.Seq
	}
	return out
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
	root, err := f.Shelf.Remember(ctx, "feed", "tag:"+posts.TagAuthority(u.Hostname())+","+now.UTC().Format(time.DateOnly)+":feed")
	if err != nil {
		return "", err
	}
	if one.Folder == "" {
		adopted, err := f.Shelf.Recall(ctx, "feed id")
		return cmp.Or(adopted, root), err
	}
	return root + ":" + (&url.URL{Path: one.Folder}).EscapedPath(), nil
}

// Address is where a feed is found.
func (f *Feeds) Address(one Feed, format feed.Format) string {
	return f.URL + (&url.URL{Path: one.path(format)}).EscapedPath()
}

// pageAddresses is where an archive page of a feed is found.
func (f *Feeds) pageAddresses(one Feed, page int) feed.Addresses {
	at := func(format feed.Format) string {
		return f.URL + (&url.URL{Path: feed.ArchivePath(one.Folder, page, format)}).EscapedPath()
	}
	return feed.Addresses{RSS: at(feed.RSS), Atom: at(feed.Atom), JSON: at(feed.JSON)}
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
