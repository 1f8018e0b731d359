package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
// published yet do not count. Each state is asked by the index that holds it:
// what was sent is never looked at.
func (db *DB) Queue(ctx context.Context) (q Queue, err error) {
	var texts []string
	for _, state := range []string{"queued", "deferred", "unknown"} {
		texts = append(texts,
			`select state, count(*) n from deliveries where state = '`+state+`' group by state`,
			`select state, count(*) n from notices where state = '`+state+`' group by state`)
	}
	texts = append(texts, `select 'queued' state, sum(waiting) n from waves where waiting > 0 having n > 0`)
	for _, table := range []string{"deliveries", "notices"} {
		texts = append(texts, `select state, count(*) n from `+table+` where owner <> '' and state in ('leased', 'inflight') group by state`)
	}
	counts, err := db.counts(ctx, "/* status.Queue */ select state, sum(n) from ("+strings.Join(texts, " union all ")+") group by state")
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
