package mailer

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// lastTries is how long results that cannot be written are tried again after the
// end was asked for. Letters whose results are not written stay in doubt.
const lastTries = 2 * time.Second

// ErrUnwritten is what a run ends with that could not write what became of
// letters under way: they are in doubt until the next one takes them over.
var ErrUnwritten = errors.New("results could not be written")

// outage is a ledger that cannot be written, which each connection finds again
// and again: the log has a line when it begins, each minute that it lasts, and
// when it is over.
type outage struct {
	log *slog.Logger
	on  atomic.Bool
	mu  sync.Mutex
	// told: the line of this outage is written. said is when one was, of any.
	told        bool
	since, said time.Time
	left        int // letters that stay in doubt
	last        error
}

// failed notes that a write failed.
func (o *outage) failed(now time.Time, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = err
	if !o.on.Load() {
		o.since, o.told = now, false
		o.on.Store(true)
	}
	if now.Sub(o.said).Abs() >= tellAgain { // the clock may be set back
		o.said, o.told = now, true
		o.log.Error("the ledger cannot be written, nothing is sent until it can", "err", err, "since", o.since)
	}
}

// written notes that a write went well. It costs nothing where the last one did.
func (o *outage) written(now time.Time) {
	if !o.on.Load() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.on.Swap(false) && o.told {
		o.log.Info("the ledger is written again", "after", now.Sub(o.since).Round(time.Second))
	}
}

// leave notes that a worker ends with results that it could not write.
func (o *outage) leave(results []Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left += len(results)
}

// err is what a run that ends says of what is not written.
func (o *outage) err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.left
	if o.left = 0; n == 0 || !o.on.Load() {
		return nil // or the grace time was over, which takes no fault of the ledger
	}
	return fmt.Errorf("%w: %d letters that may have gone out are in doubt at the next start: %w", ErrUnwritten, n, o.last)
}
