package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"tidings.example/internal/web"
)

// healthLasts is how long an answer holds: anybody may ask, as often as they
// like.
const healthLasts = 5 * time.Second

// healthLook is the daemon's status in one look, for everybody: kinds of
// trouble, without paths, and without what commands and servers say.
type healthLook struct {
	p    *program
	mu   sync.Mutex
	at   time.Time
	last web.Health
}

// health answers with what was seen at most five seconds ago.
func (l *healthLook) health(ctx context.Context) web.Health {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.p.sh.now()
	if !l.at.IsZero() && now.Sub(l.at).Abs() < healthLasts {
		return l.last
	}
	h := web.Health{Problems: []string{}}
	open, err := l.p.troubles(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		// Who asked has gone; the next one gets a look of their own.
		return web.Health{Problems: []string{"the database does not answer"}}
	case err != nil:
		l.p.log.Error("health", "error", err)
		h.Problems = append(h.Problems, "the database cannot be read")
	}
	if l.p.db.Fault() != nil {
		h.Problems = append(h.Problems, "the database cannot be written")
	}
	for _, t := range open {
		if !slices.Contains(h.Problems, t.Kind) {
			h.Problems = append(h.Problems, t.Kind)
		}
	}
	h.OK = len(h.Problems) == 0
	l.last, l.at = h, now
	return h
}
