package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
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

// IssueWaits is what of an issue waits for more than its turn.
type IssueWaits struct {
	Issue    int64     `json:"issue"`
	Number   int       `json:"number"` // as readers see it; 0 has none yet
	Digest   string    `json:"digest"`
	Deferred int       `json:"deferred"`
	Next     time.Time `json:"next,omitzero"` // when the first deferred one is due
	// Aside are queued for later: their domain or server has got enough for now.
	Aside   int `json:"aside"`
	InDoubt int `json:"in_doubt"`
}

// Waits lists the issues with letters that wait, oldest first. Letters that
// were sent are not looked at.
func (db *DB) Waits(ctx context.Context, now time.Time) (out []IssueWaits, err error) {
	rows, err := db.read.QueryContext(ctx, `/* status.Waits */ with found (issue, deferred, next, aside, unknown) as (
			select w.issue, count(*), min(d.due_at), 0, 0 from waves w cross join deliveries d on d.state = 'deferred' and d.wave = w.id where w.published_at is not null group by w.issue
			union all select w.issue, 0, null, count(*), 0 from waves w cross join deliveries d on d.state = 'queued' and d.wave = w.id and d.due_at > ? where w.published_at is not null group by w.issue
			union all select w.issue, 0, null, 0, count(*) from waves w cross join deliveries d on d.state = 'unknown' and d.wave = w.id where w.published_at is not null group by w.issue)
		select i.id, coalesce(i.number, 0), i.digest, sum(deferred), min(next), sum(aside), sum(unknown) from found join issues i on i.id = found.issue group by i.id order by i.id`, now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("letters that wait: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var w IssueWaits
		var next sql.NullInt64
		if err := rows.Scan(&w.Issue, &w.Number, &w.Digest, &w.Deferred, &next, &w.Aside, &w.InDoubt); err != nil {
			return nil, fmt.Errorf("letters that wait: %w", err)
		}
		w.Next = instant(next.Int64)
		out = append(out, w)
	}
	return out, rows.Err()
}
