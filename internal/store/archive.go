package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tidings.example/posts"
)

// ArchivedIssue is an issue that readers got, as its page shows it.
type ArchivedIssue struct {
	Number int64
	Digest string // its name
	Opened time.Time
	Posts  []posts.Record
}

// Archived returns up to limit issues without posts with numbers below before,
// newest first; before 0 means from the newest. Issues of which no wave was
// published yet are left out.
func (db *DB) Archived(ctx context.Context, before int64, limit int) (out []ArchivedIssue, err error) {
	rows, err := db.read.QueryContext(ctx, `/* archive.Archived */ select i.number, i.digest, i.opened_at from issues i
		where i.number is not null and (?1 = 0 or i.number < ?1)
			and exists (select 1 from waves w where w.issue = i.id and w.published_at is not null and w.letters > 0)
		order by i.number desc limit ?2`, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list the archive: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var a ArchivedIssue
		var opened int64
		if err := rows.Scan(&a.Number, &a.Digest, &opened); err != nil {
			return nil, fmt.Errorf("list the archive: %w", err)
		}
		a.Opened = time.UnixMilli(opened).UTC()
		out = append(out, a)
	}
	return out, rows.Err()
}

// ArchivedIssue returns an issue with the posts that any of its letters held,
// newest first; false where readers got no such issue. A post that was
// withdrawn since is left out.
func (db *DB) ArchivedIssue(ctx context.Context, number int64) (ArchivedIssue, bool, error) {
	found, err := db.Archived(ctx, number+1, 1)
	if err != nil || len(found) == 0 || found[0].Number != number {
		return ArchivedIssue{}, false, err
	}
	a := found[0]
	ids, err := collect[string](ctx, db.read, `/* archive.ArchivedIssue */ select p.id from posts p join releases r on r.post = p.key
		where r.withdrawn_at = 0 and p.id in (select j.value from issues i join waves w on w.issue = i.id and w.published_at is not null
			join variants v on v.wave = w.id, json_each(v.posts) j where i.number = ?)
		order by p.date desc, r.seq desc`, number)
	if err != nil {
		return ArchivedIssue{}, false, fmt.Errorf("read issue %d: %w", number, err)
	}
	a.Posts, err = db.Briefs(ctx, ids...)
	return a, err == nil, err
}
