package mailer

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Recent is what servers, and domains at them, got within the last minute:
// where the configuration changes, the next [Dispatcher] of the process begins
// with it, and a rate is kept across the change. The zero value is ready. It is
// as large as the domains are many that one minute's letters went to.
type Recent struct {
	mu    sync.Mutex
	spans map[span]*window
}

// span is the key of a window of a server or of a domain at it.
type span struct{ server, domain, name string }

// take keeps a window, for as long as there is something in it.
func (r *Recent) take(server, domain string, w *window, now time.Time) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spans == nil {
		r.spans = map[span]*window{}
	}
	kept := *w
	kept.ring = slices.Clone(w.ring)
	r.spans[span{server, domain, w.name}] = &kept
}

// give fills the windows that were kept, whose limits may be others now.
func (r *Recent) give(a *allowance) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range a.windows {
		if kept, ok := r.spans[span{a.server, a.domain, w.name}]; ok {
			w.ring, w.head, w.shift, w.sum = slices.Clone(kept.ring), kept.head, kept.shift, kept.sum
		}
	}
}

// forget drops what is over.
func (r *Recent) forget(now time.Time) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.spans, func(_ span, w *window) bool { return w.over(now).IsZero() })
}
