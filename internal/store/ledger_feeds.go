package store

import (
	"context"
	"fmt"

	"tidings.example/posts"
)

// FeedStates returns what is remembered of every feed's documents, by feed.
func (db *DB) FeedStates(ctx context.Context) (map[string]posts.FeedState, error) {
	rows, err := db.read.QueryContext(ctx, `/* feeds.FeedStates */ select feed, version, base, inputs, files, tags, changed_at,
		coalesce((select max(page) + 1 from archives a where a.feed = f.feed), 0) from feeds f`)
	if err != nil {
		return nil, fmt.Errorf("read feeds: %w", err)
	}
	defer rows.Close()
	out := map[string]posts.FeedState{}
	for rows.Next() {
		var s posts.FeedState
		var changed int64
		if err := rows.Scan(&s.Feed, &s.Version, &s.Base, &s.Inputs, &s.Files, &s.Tags, &changed, &s.Pages); err != nil {
			return nil, fmt.Errorf("read feeds: %w", err)
		}
		s.Changed = instant(changed)
		out[s.Feed] = s
	}
	return out, rows.Err()
}

// SaveFeedStates remembers what the documents of feeds are made of. Pages are
// not its business.
func (db *DB) SaveFeedStates(ctx context.Context, states []posts.FeedState) error {
	if len(states) == 0 {
		return nil
	}
	err := db.Write(ctx, func(tx *Tx) error {
		for _, s := range states {
			if _, err := tx.Exec(`/* feeds.SaveFeedStates */ insert into feeds (feed, version, base, inputs, files, tags, changed_at) values (?, ?, ?, ?, ?, ?, ?)
				on conflict (feed) do update set version = excluded.version, base = excluded.base, inputs = excluded.inputs,
				files = excluded.files, tags = excluded.tags, changed_at = excluded.changed_at`,
				s.Feed, s.Version, s.Base, s.Inputs, s.Files, s.Tags, stamp(s.Changed)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember feeds: %w", err)
	}
	return nil
}
