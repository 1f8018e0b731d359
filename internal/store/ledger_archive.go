package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"tidings.example/posts"
)

// CloseArchive adds to a feed's archive the pages without which a post would
// be neither in the archive nor among the newest live posts, and returns how
// many pages there are. A page of the feed of everything ends with a block of
// size sequence numbers, any other after size posts; either ends earlier where
// live is so small that the post cannot wait for the page to fill.
func (db *DB) CloseArchive(ctx context.Context, feed string, sel posts.Selection, live, size int) (pages int, err error) {
	var last int64
	pages, last, err = archiveEnd(feed, func(text string, args ...any) (*sql.Rows, error) { return db.read.QueryContext(ctx, text, args...) })
	if err != nil {
		return 0, fmt.Errorf("archive of feed %q: %w", feed, err)
	}
	ends, err := db.pageEnds(ctx, sel, last, live, size)
	if err != nil || len(ends) == 0 {
		return pages, err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		// Another process may have been faster.
		if n, at, err := archiveEnd(feed, tx.Query); err != nil || n != pages || at != last {
			pages = n
			return err
		}
		// The page before gets a link to the next one.
		if _, err := tx.Exec("/* archives.Close neighbour */ update archives set inputs = '' where feed = ? and page = ?", feed, pages-1); err != nil {
			return err
		}
		for i, end := range ends {
			if _, err := tx.Exec("/* archives.Close */ insert into archives (feed, page, first_seq, last_seq) values (?, ?, ?, ?)", feed, pages+i, last+1, end); err != nil {
				return err
			}
			last = end
		}
		pages += len(ends)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("archive of feed %q: %w", feed, err)
	}
	return pages, nil
}

// archiveEnd returns how many pages there are, and the last number in them.
func archiveEnd(feed string, query func(text string, args ...any) (*sql.Rows, error)) (pages int, last int64, err error) {
	rows, err := query("/* archives.end */ select page + 1, last_seq from archives where feed = ? order by page desc limit 1", feed)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	last = -1
	if rows.Next() {
		err = rows.Scan(&pages, &last)
	}
	if err == nil {
		err = rows.Err()
	}
	return pages, last, err
}

// pageEnds returns where the pages end that follow the number last.
func (db *DB) pageEnds(ctx context.Context, sel posts.Selection, last int64, live, size int) ([]int64, error) {
	newest, err := db.newestSeqs(ctx, sel, live)
	if err != nil || len(newest) < live {
		return nil, err // the live document holds everything
	}
	lowest, highest := newest[len(newest)-1], newest[0]
	next, err := db.VersionsBetween(ctx, sel, last+1, highest)
	if err != nil {
		return nil, err
	}
	var ends []int64
	if len(wanted(sel)) == 0 {
		for i := range next {
			for at := next[i].Seq; at < lowest && at > last; {
				last = min((last+1)/int64(size)*int64(size)+int64(size)-1, highest)
				ends = append(ends, last)
			}
		}
		return ends, nil
	}
	for i := 0; i < len(next) && next[i].Seq < lowest; i += size {
		ends = append(ends, next[min(i+size, len(next))-1].Seq)
	}
	return ends, nil
}

// UnmadePages returns up to n pages of the feed's archive with numbers less
// than below, highest first, whose documents must be made, or hold a post that
// changed after the version.
func (db *DB) UnmadePages(ctx context.Context, feed string, version int64, below, n int) ([]posts.ArchivePage, error) {
	rows, err := db.read.QueryContext(ctx, `/* archives.UnmadePages */ select page, first_seq, last_seq, inputs, changed_at,
		page = (select max(page) from archives where feed = ?1)
		from archives where feed = ?1 and page in (
			select page from archives where feed = ?1 and inputs = '' and page < ?2
			union
			select (select a.page from archives a where a.feed = ?1 and a.last_seq >= r.seq order by a.last_seq limit 1)
			from releases r where r.version > ?3)
		and page < ?2 order by page desc limit ?4`, feed, below, version, n)
	if err != nil {
		return nil, fmt.Errorf("archive of feed %q: %w", feed, err)
	}
	defer rows.Close()
	var out []posts.ArchivePage
	for rows.Next() {
		var p posts.ArchivePage
		var changed int64
		if err := rows.Scan(&p.Page, &p.First, &p.Last, &p.Inputs, &changed, &p.Newest); err != nil {
			return nil, fmt.Errorf("archive of feed %q: %w", feed, err)
		}
		p.Changed = instant(changed)
		out = append(out, p)
	}
	return out, rows.Err()
}

// SavePages remembers what the documents of pages were made of.
func (db *DB) SavePages(ctx context.Context, feed string, pages []posts.ArchivePage) error {
	err := db.Write(ctx, func(tx *Tx) error {
		for _, p := range pages {
			if _, err := tx.Exec("/* archives.SavePages */ update archives set inputs = ?, changed_at = ? where feed = ? and page = ? and last_seq = ?",
				p.Inputs, stamp(p.Changed), feed, p.Page, p.Last); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("archive of feed %q: %w", feed, err)
	}
	return nil
}

// ForgetPages has the documents of the pages made again; nil means all pages.
func (db *DB) ForgetPages(ctx context.Context, feed string, pages []int) error {
	text, err := list(pages)
	if err != nil {
		return err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec("/* archives.ForgetPages */ update archives set inputs = '' where feed = ? and (? or page in (select value from json_each(?)))", feed, pages == nil, text)
		return err
	})
	if err != nil {
		return fmt.Errorf("archive of feed %q: %w", feed, err)
	}
	return nil
}

// SplitPage makes pages of size posts of one that has grown: many old posts got
// the feed's tag. The pages after it move up.
func (db *DB) SplitPage(ctx context.Context, feed string, sel posts.Selection, p posts.ArchivePage, size int) error {
	members, err := db.VersionsBetween(ctx, sel, p.First, p.Last)
	if err != nil {
		return err
	}
	var ends []int64
	for part := range slices.Chunk(members, size) {
		ends = append(ends, part[len(part)-1].Seq)
	}
	if len(ends) < 2 {
		return nil
	}
	ends[len(ends)-1] = p.Last
	err = db.Write(ctx, func(tx *Tx) error { return splitPage(tx, feed, p, ends) })
	if err != nil {
		return fmt.Errorf("archive of feed %q: %w", feed, err)
	}
	return nil
}

func splitPage(tx *Tx, feed string, p posts.ArchivePage, ends []int64) error {
	res, err := tx.Exec("/* archives.Split */ delete from archives where feed = ? and page = ? and last_seq = ?", feed, p.Page, p.Last)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		return err // another process was faster
	}
	// By way of negative numbers: no two pages may have the same one meanwhile.
	if _, err := tx.Exec("/* archives.Split away */ update archives set page = -page - ?, inputs = '' where feed = ? and page > ?", len(ends)-1, feed, p.Page); err != nil {
		return err
	}
	if _, err := tx.Exec("/* archives.Split back */ update archives set page = -page where feed = ? and page < 0", feed); err != nil {
		return err
	}
	first := p.First
	for i, end := range ends {
		if _, err := tx.Exec("/* archives.Split parts */ insert into archives (feed, page, first_seq, last_seq, changed_at) values (?, ?, ?, ?, ?)",
			feed, p.Page+i, first, end, stamp(p.Changed)); err != nil {
			return err
		}
		first = end + 1
	}
	return nil
}
