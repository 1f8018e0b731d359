package publish

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

const (
	// tombstoneAge is for how long a feed tells that a post was withdrawn.
	tombstoneAge = 30 * 24 * time.Hour
	// tombstones is how many of them a document carries at most, and withdrawals
	// how many the archive pages of a feed are dated by.
	tombstones, withdrawals = 100, 500
)

// keeping is one run of [Feeds.Keep].
type keeping struct {
	*Feeds
	now     time.Time
	archive bool // whether archive pages are brought up to date
	// version is the ledger's at the beginning: what is made later shows at
	// least that.
	version int64
	states  map[string]posts.FeedState
	// What was done: files of feeds, the number of archive files, and what is to
	// be remembered of feeds.
	files    []string
	archived int
	saved    []posts.FeedState
}

func (f *Feeds) begin(ctx context.Context, now time.Time, archive bool) (*keeping, error) {
	k := &keeping{Feeds: f, now: now, archive: archive}
	err := f.Shelf.DropTombstones(ctx, now.Add(-tombstoneAge))
	if err == nil {
		k.version, err = f.Shelf.LedgerVersion(ctx, posts.Selection{})
	}
	if err == nil {
		k.states, err = f.Shelf.FeedStates(ctx)
	}
	return k, err
}

// feed brings one feed up to date; fresh tells that the server does not know it
// as it is now.
func (k *keeping) feed(ctx context.Context, one Feed) (m made, fresh bool, err error) {
	before, known := k.states[one.Folder]
	head, err := k.head(ctx, one, k.now)
	if err != nil {
		return m, false, err
	}
	after := posts.FeedState{Feed: one.Folder, Version: k.version}
	if after.Base, err = k.base(one, head); err != nil {
		return m, false, err
	}
	current := known && before.Base == after.Base
	if current && one.Entries == nil {
		version, err := k.Shelf.LedgerVersion(ctx, one.Select)
		if err != nil {
			return m, false, err
		}
		current = version <= before.Version
	}
	if after.Pages, err = k.pages(ctx, one, head, before, after.Base, current); err != nil {
		return m, false, err
	}
	m = k.made[one.Folder]
	m.looked = m.looked || k.archive
	wanted := k.Server != nil && m.pages == nil || before.Tags == ""
	after.Tags, m.topics = before.Tags, feed.Topics(head, strings.Fields(before.Tags))
	if current && one.Entries == nil && !wanted && after.Pages == before.Pages && k.stamps(one) == before.Files {
		fresh, m.archive = m.archive != after.Pages, after.Pages
		return m, fresh, nil
	}
	doc, err := k.live(ctx, one, *head, before, &after)
	if err != nil {
		return m, false, err
	}
	if before.Inputs != after.Inputs || wanted || k.stamps(one) != before.Files {
		if m.pages, after.Tags, err = k.write(ctx, one, doc); err != nil {
			return m, false, err
		}
		m.topics, fresh = feed.Topics(head, strings.Fields(after.Tags)), true
	}
	fresh = fresh || m.archive != after.Pages
	m.archive = after.Pages
	after.Changed, after.Files = latest(before.Changed, doc.Changed), k.stamps(one)
	// Without the archive the work is half done: the next run must see that.
	whole := k.archive || !k.Archive || one.Entries != nil
	if whole && (!current || before.Inputs != after.Inputs || before.Files != after.Files || before.Tags != after.Tags) {
		k.saved = append(k.saved, after)
	}
	return m, fresh, nil
}

// live says what the feed's own document is made of, without its entries; the
// inputs of after stand for it.
func (k *keeping) live(ctx context.Context, one Feed, doc feed.Document, before posts.FeedState, after *posts.FeedState) (*document, error) {
	d := &document{Document: doc}
	if after.Pages > 0 {
		d.Prev = k.pageAddresses(one, after.Pages-1)
	}
	if one.Entries != nil {
		text, err := k.issued(ctx, one, &d.Document)
		if err == nil {
			after.Inputs, err = fingerprint(after.Base, string(text))
		}
		return d, err
	}
	var err error
	if d.versions, err = k.Shelf.NewestVersions(ctx, one.Select, k.items(one)); err != nil {
		return nil, err
	}
	d.Changed = before.Changed
	graves, err := k.Shelf.Tombstones(ctx, one.Select, tombstones)
	if err != nil {
		return nil, err
	}
	for i := range graves {
		r := &graves[i]
		d.Deleted = append(d.Deleted, feed.Tombstone{ID: r.ID, Shown: r.GUIDs, When: r.Withdrawn})
		d.Changed = latest(d.Changed, r.Withdrawn)
	}
	after.Inputs, err = fingerprint(after.Base, d.Prev, d.versions, d.Deleted)
	return d, err
}

// document is a document whose posts are not read yet.
type document struct {
	feed.Document
	versions []posts.Version
}

// write encodes a feed's own document in every format, writes the files, and
// names their bytes.
func (k *keeping) write(ctx context.Context, one Feed, doc *document) (pages map[string]feed.Page, names string, err error) {
	records, err := k.Shelf.PostsBySeq(ctx, seqs(doc.versions)...)
	if err != nil {
		return nil, "", err
	}
	fill(&doc.Document, records)
	dir := filepath.Join(k.Dir, filepath.FromSlash(one.Folder))
	if _, known := k.made[one.Folder]; !known {
		if _, err := feed.RemoveLeftovers(dir, k.now.Add(-time.Hour)); err != nil {
			return nil, "", err
		}
	}
	if k.Server != nil {
		pages = map[string]feed.Page{}
	}
	var tags []string
	for _, format := range feed.Formats() {
		e, err := feed.Encode(&doc.Document, format)
		if err != nil {
			return nil, "", err
		}
		k.tell(e, "feed", one.name())
		file := filepath.Join(dir, format.FileName())
		wrote, err := feed.WriteFile(file, e.Bytes)
		if err != nil {
			return nil, "", err
		}
		if wrote {
			k.files = append(k.files, file)
		}
		page := feed.NewPage(&doc.Document, e)
		tags = append(tags, page.Tag)
		if k.Server == nil {
			continue
		}
		if info, err := os.Stat(file); err == nil {
			page.Changed = latest(page.Changed, info.ModTime())
		}
		pages["/"+one.path(format)] = page
	}
	return pages, strings.Join(tags, " "), nil
}

// tell says what the size rule did to a document.
func (f *Feeds) tell(e feed.Encoded, which ...any) {
	which = append(which, "format", e.Format.String())
	if len(e.Shortened) > 0 {
		f.Log.Info("a feed that would be too large shows summaries for its oldest posts", append(which, "posts", len(e.Shortened))...)
	}
	if e.Oversize {
		f.Log.Warn("a feed is too large although it shows summaries only", append(which, "bytes", len(e.Bytes))...)
	}
}

// stamps are the sizes and times of a feed's own files, "" where one is
// missing: somebody may have cleaned up.
func (f *Feeds) stamps(one Feed) string {
	var out []string
	for _, format := range feed.Formats() {
		info, err := os.Stat(filepath.Join(f.Dir, filepath.FromSlash(one.path(format))))
		if err != nil {
			return ""
		}
		out = append(out, fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano()))
	}
	return strings.Join(out, ", ")
}
