package store

import (
	"context"
	"fmt"
	"time"

	"tidings.example/posts"
)

// LastWithdrawal returns when a post of the selection was withdrawn last and
// not returned, zero for never.
func (db *DB) LastWithdrawal(ctx context.Context, sel posts.Selection) (time.Time, error) {
	for r, err := range db.Withdrawals(ctx, sel, time.Time{}) {
		return r.Withdrawn, err
	}
	return time.Time{}, nil
}

// Words lists the tags, categories or languages ("tag", "category",
// "language") of the posts in feeds, folded, in order.
func (db *DB) Words(ctx context.Context, kind string) ([]string, error) {
	words, err := collect[string](ctx, db.read, `/* ledger.Words */ select t.name from terms t
		where t.kind = ? and exists (select 1 from post_terms p where p.term = t.key) order by t.name`, kind)
	if err != nil {
		return nil, fmt.Errorf("list every %s: %w", kind, err)
	}
	return words, nil
}
