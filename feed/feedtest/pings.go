// Package feedtest has the contract of feed's interfaces, and fakes that keep it.
package feedtest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"tidings.example/feed"
)

// Row is one ping of the fake ledger.
type Row struct {
	feed.Ping
	State        feed.PingState
	Due, Lease   time.Time
	Tried        time.Time
	RefusedSince time.Time
	Reply        string
}

// Pings is a ledger of pings in memory.
type Pings struct {
	mu   sync.Mutex
	rows []*Row
}

// Rows returns the ledger, by hub and topic.
func (l *Pings) Rows() []Row {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Row
	for _, r := range l.rows {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Row) int { return cmp.Or(cmp.Compare(a.Hub, b.Hub), cmp.Compare(a.Topic, b.Topic)) })
	return out
}

func (l *Pings) find(hub, topic string) *Row {
	for _, r := range l.rows {
		if r.Hub == hub && r.Topic == topic {
			return r
		}
	}
	return nil
}

// AnnounceTopics makes the ledger that of the topics.
func (l *Pings) AnnounceTopics(_ context.Context, topics []feed.Topic, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = slices.DeleteFunc(l.rows, func(r *Row) bool {
		return !slices.ContainsFunc(topics, func(t feed.Topic) bool { return t.URL == r.Topic && slices.Contains(t.Hubs, r.Hub) })
	})
	for _, t := range topics {
		for _, hub := range t.Hubs {
			l.announce(hub, t, now)
		}
	}
	return nil
}

func (l *Pings) announce(hub string, t feed.Topic, now time.Time) {
	r := l.find(hub, t.URL)
	switch {
	case r == nil:
		r = &Row{Ping: feed.Ping{Hub: hub, Topic: t.URL}, Due: now}
		l.rows = append(l.rows, r)
	case r.Tag == t.Tag:
		return
	case r.State != feed.PingQueued && r.State != feed.PingInflight:
		r.Attempts, r.Due, r.Reply = 0, now, ""
	case r.State == feed.PingInflight || r.Attempts == 0:
		r.Due = now
	}
	r.Tag, r.Since, r.State, r.Lease = t.Tag, now, feed.PingQueued, time.Time{}
	r.Fence++
}

// ClaimPing implements [feed.Pings].
func (l *Pings) ClaimPing(_ context.Context, hub string, now, until time.Time) (feed.Ping, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var best *Row
	for _, r := range l.rows {
		open := r.State == feed.PingQueued && !r.Due.After(now) || r.State == feed.PingInflight && !r.Lease.After(now)
		if r.Hub == hub && open && (best == nil || cmp.Or(cmp.Compare(r.Attempts, best.Attempts), r.Tried.Compare(best.Tried), cmp.Compare(r.Topic, best.Topic)) < 0) {
			best = r
		}
	}
	if best == nil {
		return feed.Ping{}, false, nil
	}
	best.State, best.Lease = feed.PingInflight, until
	best.Fence++
	return best.Ping, true, nil
}

// SettlePing implements [feed.Pings].
func (l *Pings) SettlePing(_ context.Context, p feed.Ping, s feed.Settlement, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.find(p.Hub, p.Topic)
	if r == nil || r.Fence != p.Fence || r.State != feed.PingInflight {
		return nil
	}
	r.State, r.Due, r.Attempts, r.Reply, r.Tried, r.Lease = s.State, s.Due, s.Attempts, s.Reply, now, time.Time{}
	switch {
	case s.State == feed.PingDone:
		r.RefusedSince = time.Time{}
		l.revive(p.Hub, now)
	case s.Refused && r.RefusedSince.IsZero():
		r.RefusedSince = now
	}
	return nil
}

// revive makes what a hub did not take a while ago due again.
func (l *Pings) revive(hub string, now time.Time) {
	for _, r := range l.rows {
		given := r.State == feed.PingFailed || r.State == feed.PingExpired
		if r.Hub == hub && given && !r.Tried.After(now.Add(-feed.PingRest)) {
			r.State, r.Due, r.Attempts = feed.PingQueued, now, 0
		}
	}
}

// PutOffPings implements [feed.Pings].
func (l *Pings) PutOffPings(_ context.Context, hub string, s feed.Settlement, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.rows {
		if r.Hub != hub || r.State != feed.PingQueued || r.Due.After(now) {
			continue
		}
		r.Due, r.Attempts, r.Reply = s.Due, max(r.Attempts, s.Attempts), s.Reply
		if r.RefusedSince.IsZero() {
			r.RefusedSince = now
		}
	}
	return nil
}
