package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidings.example/posts"
)

// Issued is an issue of a digest as its feed knows it.
type Issued struct {
	Number int64
	Opened time.Time
	// Waves is how many of its waves had letters. The posts of an issue grow
	// with its waves alone.
	Waves int
}

// Issued returns up to limit issues of a digest that readers got, newest first.
func (db *DB) Issued(ctx context.Context, digest string, limit int) (out []Issued, err error) {
	rows, err := db.read.QueryContext(ctx, `/* archive.Issued */ select i.number, i.opened_at,
			(select count(*) from waves w where w.issue = i.id and w.published_at is not null and w.letters > 0) as waves
		from issues i where i.digest = ? and i.number is not null and waves > 0 order by i.number desc limit ?`, digest, limit)
	if err != nil {
		return nil, fmt.Errorf("list the issues of %s: %w", digest, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var i Issued
		var opened int64
		if err := rows.Scan(&i.Number, &opened, &i.Waves); err != nil {
			return nil, fmt.Errorf("list the issues of %s: %w", digest, err)
		}
		i.Opened = instant(opened)
		out = append(out, i)
	}
	return out, rows.Err()
}

// Shown is a post in the letters of an issue: its id, and when the first wave
// with it was published.
type Shown struct {
	ID    string
	Since time.Time
}

// ShownIn returns the posts that any letter of an issue held, withdrawn ones too.
func (db *DB) ShownIn(ctx context.Context, number int64) (out []Shown, err error) {
	rows, err := db.read.QueryContext(ctx, `/* archive.ShownIn */ select j.value, min(w.published_at)
		from issues i join waves w on w.issue = i.id and w.published_at is not null
			join variants v on v.wave = w.id, json_each(v.posts) j
		where i.number = ? group by j.value order by j.value`, number)
	if err != nil {
		return nil, fmt.Errorf("read the posts of issue %d: %w", number, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s Shown
		var since int64
		if err := rows.Scan(&s.ID, &since); err != nil {
			return nil, fmt.Errorf("read the posts of issue %d: %w", number, err)
		}
		s.Since = instant(since)
		out = append(out, s)
	}
	return out, rows.Err()
}

// IssuePosts returns what the page of an issue shows of those posts, in its
// order, and when that changed last: a wave brought a post, or one was edited
// or withdrawn.
func (db *DB) IssuePosts(ctx context.Context, shown []Shown) (live []posts.Record, changed time.Time, err error) {
	ids := make([]string, len(shown))
	for i, s := range shown {
		ids[i], changed = s.ID, latest(changed, s.Since)
	}
	records, err := db.Briefs(ctx, ids...)
	if err != nil {
		return nil, changed, err
	}
	for i := range records {
		r := &records[i]
		changed = latest(changed, latest(r.Edited, r.Withdrawn))
		if r.Live() {
			live = append(live, *r)
		}
	}
	slices.SortStableFunc(live, func(a, b posts.Record) int {
		return cmp.Or(b.Date.Compare(a.Date), cmp.Compare(b.Seq, a.Seq))
	})
	return live, changed, nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
