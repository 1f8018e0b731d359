package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"tidings.example/mailer"
)

// audience is some readers of a rhythm who may get a letter and are in no wave of
// the issue, in the order of their ids, with what they have in common.
type audience struct {
	readers   []unserved
	interests []mailer.Interest
	// last is the id up to which was looked, 0 where nobody was left.
	last int64
}

// unserved is a reader, and the place of the interest.
type unserved struct {
	subscriber int64
	interest   int
}

// has tells whether a subscriber is one of the readers.
func (c *audience) has(subscriber int64) bool {
	_, found := slices.BinarySearchFunc(c.readers, subscriber, func(u unserved, id int64) int { return int(u.subscriber - id) })
	return found
}

// owedOf is the posts whose letters did not arrive and that no wave took up.
const owedOf = `iif(exists (select 1 from owed) and exists (select 1 from owed o where o.subscriber = s.subscriber and o.digest = s.digest),
	(select json_group_array(o.post) from (select post from owed o where o.subscriber = s.subscriber and o.digest = s.digest
	and not exists (select 1 from waves w where w.id = o.wave and w.published_at is not null) order by o.post) o), '[]')`

// audience reads up to limit readers with ids above after.
func (w *wave) audience(ctx context.Context, r mailer.Rhythm, after int64, limit int) (c audience, err error) {
	if c, err = w.subscribed(ctx, r, after, limit); err != nil || len(c.readers) == 0 {
		return c, err
	}
	if err := w.leaveOutMembers(ctx, &c); err != nil {
		return c, err
	}
	if w.g.Again != nil {
		err = w.addServed(ctx, &c)
	}
	return c, err
}

// subscribed reads who wants letters of the rhythm, two halves at once: reading
// is nearly all that freezing costs.
func (w *wave) subscribed(ctx context.Context, r mailer.Rhythm, after int64, limit int) (c audience, err error) {
	half := limit / 2
	middle, err := w.middle(ctx, r, after, half)
	if err != nil {
		return c, err
	}
	if middle == 0 || limit < 3 {
		return w.between(ctx, r, after, math.MaxInt64, limit, byRhythm)
	}
	// Where readers of the rhythm lie side by side it is quicker to pass by the
	// others than to look each up.
	in := byRhythm
	if middle-after <= 3*int64(half) {
		in = byReader
	}
	var second audience
	done := make(chan error, 1)
	go func() {
		var err error
		second, err = w.between(ctx, r, middle, math.MaxInt64, limit-half-1, in)
		done <- err
	}()
	c, err = w.between(ctx, r, after, middle, limit, in)
	if err = errors.Join(err, <-done); err != nil {
		return c, err
	}
	for _, u := range second.readers {
		u.interest += len(c.interests)
		c.readers = append(c.readers, u)
	}
	c.interests = append(c.interests, second.interests...)
	c.last = max(c.last, second.last)
	return c, nil
}

// middle returns the id of a reader with n others before, 0 where there are
// fewer.
func (w *wave) middle(ctx context.Context, r mailer.Rhythm, after int64, n int) (id int64, err error) {
	err = (reader{w.db}).QueryRowContext(ctx, `/* issues.middle */ select s.subscriber from subscriptions s indexed by subscriptions_live
		where `+ofRhythm+` and s.subscriber > ? order by s.subscriber limit 1 offset ?`,
		w.g.Issue.Digest, r.Cadence, r.Zone, r.Hour, r.Minute, after, n).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// The ways to the subscriptions of a rhythm; both are in the order of readers.
const (
	byRhythm = `subscriptions s indexed by subscriptions_live`
	byReader = `subscriptions s indexed by sqlite_autoindex_subscriptions_1`
)

// between reads up to limit readers with ids above after, none above upto. A
// million rows pass here: what a reader wants is compared with the reader before.
func (w *wave) between(ctx context.Context, r mailer.Rhythm, after, upto int64, limit int, in string) (c audience, err error) {
	rows, err := (reader{w.db}).QueryContext(ctx, `/* issues.audience */ select s.subscriber, s.cursor, u.language, s.topics, `+owedOf+`
		from `+in+` cross join subscribers u on u.id = s.subscriber
		where `+ofRhythm+` and s.subscriber > ? and s.subscriber <= ? and u.state = 'active' and not (exists (select 1 from suppressions) and exists (select 1 from suppressions x where x.hash = u.hash))
		order by s.subscriber limit ?`, w.g.Issue.Digest, r.Cadence, r.Zone, r.Hour, r.Minute, after, upto, limit)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	known := newInterests(r.Zone)
	for rows.Next() {
		var u unserved
		var cursor int64
		var language, topics, owed sql.RawBytes
		if err := rows.Scan(&u.subscriber, &cursor, &language, &topics, &owed); err != nil {
			return c, err
		}
		if u.interest, err = known.place(cursor, language, topics, owed); err != nil {
			return c, err
		}
		c.readers = append(c.readers, u)
		c.last = u.subscriber
	}
	c.interests = known.list
	return c, rows.Err()
}

// interests numbers what readers want.
type interests struct {
	zone   string
	list   []mailer.Interest
	places map[string]int
	key    []byte // of the reader before
	at     int
	spare  []byte
}

func newInterests(zone string) *interests { return &interests{zone: zone, places: map[string]int{}} }

func (n *interests) place(cursor int64, language, topics, owed []byte) (int, error) {
	key := strconv.AppendInt(n.spare[:0], cursor, 10)
	for _, part := range [][]byte{language, topics, owed} {
		key = append(append(key, '\n'), part...)
	}
	if bytes.Equal(key, n.key) {
		n.spare = key
		return n.at, nil
	}
	at, found := n.places[string(key)]
	if !found {
		in := mailer.Interest{Zone: n.zone, Language: string(language), Cursor: cursor, Topics: string(topics)}
		if err := json.Unmarshal(owed, &in.Owed); err != nil {
			return 0, fmt.Errorf("owed posts %q: %w", owed, err)
		}
		at = len(n.list)
		n.list = append(n.list, in)
		n.places[string(key)] = at
	}
	n.spare, n.key, n.at = n.key, key, at
	return at, nil
}

// leaveOutMembers takes away who is in a wave of the issue: after a change of
// zone or hour, and of the rhythm while this wave is frozen.
func (w *wave) leaveOutMembers(ctx context.Context, c *audience) error {
	in, err := fates(w.db.asks(ctx), w.g.Issue.ID, c.readers[0].subscriber, c.last, w.id, c.has)
	if err != nil || len(in) == 0 {
		return err
	}
	c.readers = slices.DeleteFunc(c.readers, func(u unserved) bool {
		_, found := findFate(in, u.subscriber)
		return found
	})
	return nil
}

// findFate looks for a subscriber among fates in their order.
func findFate(in []fate, subscriber int64) (int, bool) {
	return slices.BinarySearchFunc(in, subscriber, func(f fate, id int64) int { return int(f.subscriber - id) })
}

// addServed adds to the interests those of the posts asked for that the readers
// were served.
func (w *wave) addServed(ctx context.Context, c *audience) error {
	if len(c.readers) == 0 {
		return nil
	}
	issues, err := w.servedIn(ctx)
	if err != nil {
		return err
	}
	served := map[int64][]string{}
	for issue, variants := range issues {
		in, err := fates(w.db.asks(ctx), issue, c.readers[0].subscriber, c.last, 0, c.has)
		if err != nil {
			return err
		}
		for _, f := range in {
			switch f.state {
			case "", mailer.Failed, mailer.Lapsed, mailer.Skipped:
			case mailer.Cancelled:
				if f.doubt {
					served[f.subscriber] = append(served[f.subscriber], variants[f.variant]...)
				}
			default:
				served[f.subscriber] = append(served[f.subscriber], variants[f.variant]...)
			}
		}
	}
	places := map[string]int{}
	for i := range c.readers {
		u := &c.readers[i]
		if posts := served[u.subscriber]; len(posts) > 0 {
			slices.Sort(posts)
			posts = slices.Compact(posts)
			key := fmt.Sprintf("%d %q", u.interest, posts)
			at, found := places[key]
			if !found {
				in := c.interests[u.interest]
				in.Served = posts
				at = len(c.interests)
				c.interests = append(c.interests, in)
				places[key] = at
			}
			u.interest = at
		}
	}
	return nil
}

// servedIn lists the issues of the digest with letters that held posts asked
// for: which ones, by variant.
func (w *wave) servedIn(ctx context.Context) (out map[int64]map[int64][]string, err error) {
	again, err := list(w.g.Again)
	if err != nil {
		return nil, err
	}
	rows, err := w.db.asks(ctx)(`/* issues.servedIn */ select i.id, v.id, e.value from issues i join waves w on w.issue = i.id
		join variants v on v.wave = w.id join json_each(v.posts) e
		where i.digest = ? and w.published_at is not null and e.value in (select value from json_each(?))`, w.g.Issue.Digest, again)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[int64]map[int64][]string{}
	for rows.Next() {
		var issue, variant int64
		var post string
		if err := rows.Scan(&issue, &variant, &post); err != nil {
			return nil, err
		}
		if out[issue] == nil {
			out[issue] = map[int64][]string{}
		}
		out[issue][variant] = append(out[issue][variant], post)
	}
	return out, rows.Err()
}
