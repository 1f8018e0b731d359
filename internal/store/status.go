package store

import (
	"context"
	"errors"
	"fmt"
)

// Queue counts the open letters, notices included, by state.
type Queue struct {
	Queued   int `json:"queued"`
	Leased   int `json:"leased"`
	Inflight int `json:"inflight"`
	Deferred int `json:"deferred"`
	Unknown  int `json:"unknown"`
}

// Queue counts what is open in the outbox. Letters of waves that are not
// published yet do not count.
func (db *DB) Queue(ctx context.Context) (q Queue, err error) {
	counts, err := db.counts(ctx, `/* status.Queue */ select state, count(*) from (
		select state from deliveries where state in ('queued', 'leased', 'inflight', 'deferred', 'unknown')
			and wave in (select id from waves where published_at is not null)
		union all select state from notices where state in ('queued', 'leased', 'inflight', 'deferred', 'unknown')) group by state`)
	if err != nil {
		return q, fmt.Errorf("count open letters: %w", err)
	}
	return Queue{Queued: counts["queued"], Leased: counts["leased"], Inflight: counts["inflight"], Deferred: counts["deferred"], Unknown: counts["unknown"]}, nil
}

// counts reads rows of a word and a number.
func (db *DB) counts(ctx context.Context, text string) (out map[string]int, err error) {
	rows, err := db.read.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[string]int{}
	for rows.Next() {
		var word string
		var n int
		if err := rows.Scan(&word, &n); err != nil {
			return nil, err
		}
		out[word] = n
	}
	return out, rows.Err()
}
