package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

const (
	// pageSize is how many posts an archive page holds; one that has grown to
	// pageLimit is split.
	pageSize, pageLimit = 20, 100
	// pagesTogether is how many pages are written down at once.
	pagesTogether = 64
)

// pages brings the archive of a feed up to date and returns how many pages it
// has. current says that nothing changed since the state before.
func (k *keeping) pages(ctx context.Context, one Feed, head *feed.Document, before posts.FeedState, base string, current bool) (int, error) {
	if !k.Archive || one.Entries != nil {
		return 0, nil
	}
	seen := k.made[one.Folder].looked
	if !k.archive || current && seen && !k.Verify {
		return before.Pages, nil
	}
	dir := filepath.Join(k.Dir, filepath.FromSlash(one.Folder), "archive")
	switch {
	case before.Base != base:
		if err := k.Shelf.ForgetPages(ctx, one.Folder, nil); err != nil {
			return 0, err
		}
	case !seen || k.Verify:
		missing, err := k.missing(dir, one, before.Pages)
		if err == nil && len(missing) > 0 {
			err = k.Shelf.ForgetPages(ctx, one.Folder, missing)
		}
		if err != nil {
			return 0, err
		}
		if current && len(missing) == 0 {
			return before.Pages, nil
		}
	}
	if _, err := feed.RemoveLeftovers(dir, k.now.Add(-time.Hour)); err != nil {
		return 0, err
	}
	return k.makePages(ctx, one, head, before.Version, base, dir)
}

// makePages closes pages and makes those that must be made. The newest come
// first: a page is there before another one says that it comes after it.
func (k *keeping) makePages(ctx context.Context, one Feed, head *feed.Document, version int64, base, dir string) (int, error) {
	pages, err := k.Shelf.CloseArchive(ctx, one.Folder, one.Select, k.items(one), pageSize)
	if err != nil {
		return 0, err
	}
	graves, err := k.Shelf.Tombstones(ctx, one.Select, withdrawals)
	if err != nil {
		return 0, err
	}
	for below := pages; below > 0; {
		some, err := k.Shelf.UnmadePages(ctx, one.Folder, version, below, pagesTogether)
		if err != nil {
			return 0, err
		}
		if len(some) == 0 {
			break
		}
		work := &archiving{keeping: k, one: one, head: head, base: base, graves: graves, batch: feed.Batch{Dir: dir}}
		split, err := work.together(ctx, some)
		if err != nil {
			return 0, err
		}
		if below = some[len(some)-1].Page; split > 0 {
			pages += split
			below = pages
		}
	}
	return pages, nil
}

// missing are the pages whose files are not there. Pages are looked for by
// their folders, and with Verify by each of their files.
func (k *keeping) missing(dir string, one Feed, pages int) ([]int, error) {
	if pages == 0 {
		return nil, nil
	}
	d, err := os.Open(dir)
	var names []string
	if err == nil {
		names, err = d.Readdirnames(-1)
		err = errors.Join(err, d.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("archive of feed %s: %w", one.name(), err)
	}
	there := make([]bool, pages)
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < pages {
			there[n] = !k.Verify || k.complete(one, n)
		}
	}
	var out []int
	for n, ok := range there {
		if !ok {
			out = append(out, n)
		}
	}
	return out, nil
}

func (k *keeping) complete(one Feed, page int) bool {
	for _, format := range feed.Formats() {
		info, err := os.Stat(filepath.Join(k.Dir, filepath.FromSlash(feed.ArchivePath(one.Folder, page, format))))
		if err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// archiving makes some archive pages of one feed.
type archiving struct {
	*keeping
	one  Feed
	head *feed.Document
	base string
	// graves are the posts of the feed that were withdrawn lately.
	graves []posts.Record
	batch  feed.Batch

	mu   sync.Mutex
	made []posts.ArchivePage
}

// together makes pages, several at once, and puts their files in place at the
// end. Where a page has to be split it makes none, and tells how many more
// there are now.
func (a *archiving) together(ctx context.Context, pages []posts.ArchivePage) (split int, err error) {
	defer func() { err = errors.Join(err, a.batch.Abandon()) }()
	members := make([][]posts.Version, len(pages))
	for i, p := range pages {
		if members[i], err = a.Shelf.VersionsBetween(ctx, a.one.Select, p.First, p.Last); err != nil {
			return 0, err
		}
		if n := len(members[i]); n > pageLimit {
			return (n+pageSize-1)/pageSize - 1, a.Shelf.SplitPage(ctx, a.one.Folder, a.one.Select, p, pageSize)
		}
	}
	if err := each(ctx, len(pages), func(i int) error { return a.page(ctx, pages[i], members[i]) }); err != nil {
		return 0, err
	}
	if err := a.batch.Commit(); err != nil || len(a.made) == 0 {
		return 0, err
	}
	slices.SortFunc(a.made, func(p, q posts.ArchivePage) int { return p.Page - q.Page })
	return 0, a.Shelf.SavePages(ctx, a.one.Folder, a.made)
}

// page makes one page in every format, unless it would be what it is.
func (a *archiving) page(ctx context.Context, p posts.ArchivePage, members []posts.Version) error {
	doc := *a.head
	doc.Archive, doc.Hubs, doc.Current, doc.Self = true, nil, a.head.Self, a.pageAddresses(a.one, p.Page)
	if p.Page > 0 {
		doc.Prev = a.pageAddresses(a.one, p.Page-1)
	}
	if !p.Newest {
		doc.Next = a.pageAddresses(a.one, p.Page+1)
	}
	for i := range a.graves {
		if seq := a.graves[i].Seq; seq >= p.First && seq <= p.Last {
			doc.Changed = latest(doc.Changed, a.graves[i].Withdrawn)
		}
	}
	inputs, err := fingerprint(a.base, doc.Self, doc.Prev, doc.Next, doc.Changed, members)
	if err != nil || inputs == p.Inputs {
		return err
	}
	records, err := a.Shelf.PostsBySeq(ctx, seqs(members)...)
	if err != nil {
		return err
	}
	doc.Changed = latest(doc.Changed, p.Changed)
	fill(&doc, records)
	wrote, err := a.files(&doc, p.Page)
	p.Inputs, p.Changed = inputs, doc.Changed
	a.mu.Lock()
	defer a.mu.Unlock()
	a.made = append(a.made, p)
	a.archived += wrote
	return err
}

// files adds the files of a page to the batch, and counts those that differ
// from what is there.
func (a *archiving) files(doc *feed.Document, page int) (wrote int, err error) {
	for _, format := range feed.Formats() {
		e, err := feed.Encode(doc, format)
		if err != nil {
			return wrote, err
		}
		a.tell(e, "feed", a.one.name(), "page", page)
		changed, err := a.batch.Add(filepath.Join(a.Dir, filepath.FromSlash(feed.ArchivePath(a.one.Folder, page, format))), e.Bytes)
		if err != nil {
			return wrote, err
		}
		if changed {
			wrote++
		}
	}
	return wrote, nil
}

// each calls do for the numbers below n, a few at once, and returns the first
// error.
func each(ctx context.Context, n int, do func(i int) error) error {
	var wg sync.WaitGroup
	var once sync.Once
	var failed error
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	work := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range work {
				if err := do(i); err != nil {
					once.Do(func() { failed = err })
					stop(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case work <- i:
		case <-ctx.Done():
		}
	}
	close(work)
	wg.Wait()
	if failed == nil {
		failed = ctx.Err()
	}
	return failed
}
