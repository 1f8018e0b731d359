package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tidings.example/feed"
)

// ping is a row of the ledger of pings.
type ping struct{ tag, state string }

// AnnounceTopics makes the ledger of pings that of the topics, which are all
// there are: a topic whose bytes have changed gets a ping for each of its hubs
// in the place of the one before, a new one its first, and what is configured
// no more is forgotten. The wait that a hub's refusals have earned stays. Where
// nothing changed nothing is written.
func (db *DB) AnnounceTopics(ctx context.Context, topics []feed.Topic, now time.Time) error {
	have, err := db.pings(ctx)
	if err != nil {
		return fmt.Errorf("announce feeds: %w", err)
	}
	type pair struct{ hub, topic, tag string }
	var news, gone []pair
	for _, t := range topics {
		for _, hub := range t.Hubs {
			key := [2]string{hub, t.URL}
			if have[key].tag != t.Tag {
				news = append(news, pair{hub, t.URL, t.Tag})
			}
			delete(have, key)
		}
	}
	for key := range have {
		gone = append(gone, pair{hub: key[0], topic: key[1]})
	}
	if len(news)+len(gone) == 0 {
		return nil
	}
	err = db.Write(ctx, func(tx *Tx) error {
		for _, p := range gone {
			if _, err := tx.Exec("/* pings.AnnounceTopics */ delete from pings where hub = ? and topic = ?", p.hub, p.topic); err != nil {
				return err
			}
		}
		for _, p := range news {
			if _, err := tx.Exec(`/* pings.AnnounceTopics */ insert into pings (hub, topic, tag, state, since, due_at) values (?, ?, ?, 'queued', ?, ?)
				on conflict (hub, topic) do update set tag = excluded.tag, state = 'queued', since = excluded.since, fence = fence + 1, lease_until = 0,
				attempts = case when state in ('queued', 'inflight') then attempts else 0 end,
				reply = case when state in ('queued', 'inflight') then reply else '' end,
				due_at = case when state = 'queued' and attempts > 0 then due_at else excluded.due_at end
				where tag <> excluded.tag`, p.hub, p.topic, p.tag, now.UnixMilli(), now.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("announce feeds: %w", err)
	}
	return nil
}

// pings reads the ledger, by hub and topic.
func (db *DB) pings(ctx context.Context) (out map[[2]string]ping, err error) {
	rows, err := db.read.QueryContext(ctx, "/* pings.pings */ select hub, topic, tag, state from pings")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[[2]string]ping{}
	for rows.Next() {
		var key [2]string
		var p ping
		if err := rows.Scan(&key[0], &key[1], &p.tag, &p.state); err != nil {
			return nil, err
		}
		out[key] = p
	}
	return out, rows.Err()
}

// ClaimPing implements [feed.Pings].
func (db *DB) ClaimPing(ctx context.Context, hub string, now, until time.Time) (feed.Ping, bool, error) {
	p := feed.Ping{Hub: hub}
	// Most looks find nothing: they need no write.
	const due = `hub = ? and (state = 'queued' and due_at <= ? or state = 'inflight' and lease_until <= ?)`
	var n int
	err := db.read.QueryRowContext(ctx, "/* pings.ClaimPing */ select count(*) from pings where "+due, hub, now.UnixMilli(), now.UnixMilli()).Scan(&n)
	if err == nil && n > 0 {
		err = db.Write(ctx, func(tx *Tx) error {
			var since int64
			err := tx.QueryRow(`/* pings.ClaimPing */ update pings set state = 'inflight', fence = fence + 1, lease_until = ?
				where hub = ? and topic = (select topic from pings where `+due+` order by attempts, tried_at, topic limit 1)
				returning topic, tag, since, attempts, fence`,
				until.UnixMilli(), hub, hub, now.UnixMilli(), now.UnixMilli()).Scan(&p.Topic, &p.Tag, &since, &p.Attempts, &p.Fence)
			p.Since = instant(since)
			return err
		})
	}
	switch {
	case errors.Is(err, sql.ErrNoRows): // another process was faster
		return p, false, nil
	case err != nil:
		return p, false, fmt.Errorf("claim a ping: %w", err)
	}
	return p, n > 0, nil
}

// SettlePing implements [feed.Pings].
func (db *DB) SettlePing(ctx context.Context, p feed.Ping, s feed.Settlement, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* pings.SettlePing */ update pings set state = ?, due_at = ?, attempts = ?, lease_until = 0, reply = ?, tried_at = ?,
			refused_at = case when ? = 'done' then 0 when ? and refused_at = 0 then ? else refused_at end
			where hub = ? and topic = ? and fence = ? and state = 'inflight'`,
			string(s.State), stamp(s.Due), s.Attempts, s.Reply, now.UnixMilli(), string(s.State), s.Refused, now.UnixMilli(), p.Hub, p.Topic, p.Fence)
		if err != nil || s.State != feed.PingDone {
			return err
		}
		_, err = tx.Exec(`/* pings.SettlePing */ update pings set state = 'queued', due_at = ?, attempts = 0
			where hub = ? and state in ('failed', 'expired') and tried_at <= ?`, now.UnixMilli(), p.Hub, now.Add(-feed.PingRest).UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("settle a ping: %w", err)
	}
	return nil
}

// PutOffPings implements [feed.Pings].
func (db *DB) PutOffPings(ctx context.Context, hub string, s feed.Settlement, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* pings.PutOffPings */ update pings set due_at = ?, attempts = max(attempts, ?), reply = ?,
			refused_at = case when refused_at = 0 then ? else refused_at end
			where hub = ? and state = 'queued' and due_at <= ?`, stamp(s.Due), s.Attempts, s.Reply, now.UnixMilli(), hub, now.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("put off pings: %w", err)
	}
	return nil
}

// HubStanding is how news stands with one hub.
type HubStanding struct {
	Hub string `json:"hub"`
	// Waiting counts the feeds that it must still be told of, Untold those of
	// which it will not be told.
	Waiting int `json:"waiting"`
	Untold  int `json:"untold"`
	// Next is when the first of the waiting ones is due.
	Next *time.Time `json:"next,omitempty"`
	// Refusing is since when it has taken nothing of some feed.
	Refusing *time.Time `json:"refusing,omitempty"`
	// Reply is its last answer that was no success, or why it was not asked.
	Reply string `json:"reply,omitempty"`
}

// Hubs tells how news stands with each hub, by hub.
func (db *DB) Hubs(ctx context.Context) (out []HubStanding, err error) {
	rows, err := db.read.QueryContext(ctx, `/* pings.Hubs */ select hub, state, due_at, refused_at, reply from pings order by hub, state = 'done', tried_at desc, topic`)
	if err != nil {
		return nil, fmt.Errorf("read pings: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var hub, state, reply string
		var due, refused int64
		if err := rows.Scan(&hub, &state, &due, &refused, &reply); err != nil {
			return nil, fmt.Errorf("read pings: %w", err)
		}
		if len(out) == 0 || out[len(out)-1].Hub != hub {
			out = append(out, HubStanding{Hub: hub})
		}
		out[len(out)-1].add(feed.PingState(state), due, refused, reply)
	}
	return out, rows.Err()
}

// add counts one ping in.
func (h *HubStanding) add(state feed.PingState, due, refused int64, reply string) {
	switch state {
	case feed.PingDone:
		return
	case feed.PingFailed, feed.PingExpired:
		h.Untold++
	default:
		if h.Waiting++; h.Next == nil || instant(due).Before(*h.Next) {
			at := instant(due)
			h.Next = &at
		}
	}
	if at := instant(refused); refused > 0 && (h.Refusing == nil || at.Before(*h.Refusing)) {
		h.Refusing = &at
	}
	if h.Reply == "" {
		h.Reply = reply
	}
}
