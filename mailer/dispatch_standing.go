package mailer

import (
	"context"
	"slices"
	"time"
)

const (
	// restate is how often a date alone that has moved is written anew.
	restate = 30 * time.Second
	// worthWaiting is how far ahead a date must be to be written as soon as the
	// one before it is over.
	worthWaiting = 3 * time.Second
)

// stand keeps how the servers stand where other processes can read it, and in
// the log: as soon as it changes, and never for a letter alone.
func (d *Dispatcher) stand(ctx context.Context) {
	var last []ServerStatus
	var at time.Time
	for tick := time.NewTicker(poll); ; {
		now, servers := d.c.Clock(), d.standing()
		d.tell(now, servers)
		if last == nil || !sameStanding(last, servers) || overdue(last, servers, now) || !slices.EqualFunc(last, servers, sameDates) && now.Sub(at).Abs() >= restate {
			if err := d.c.Book.Stand(ctx, servers); err == nil {
				last, at = servers, now
			} else if ctx.Err() == nil {
				d.outage.failed(d.c.Clock(), err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return
		}
	}
}

// overdue tells whether a date is over that was written, and another one worth
// writing.
func overdue(last, servers []ServerStatus, now time.Time) bool {
	for i := range servers {
		if !last[i].Next.IsZero() && !last[i].Next.After(now) && servers[i].Next.Sub(now) >= worthWaiting {
			return true
		}
	}
	return false
}

// standing is the status without what changes with each letter.
func (d *Dispatcher) standing() []ServerStatus {
	servers := d.Status().Servers
	for i := range servers {
		s := &servers[i]
		s.Sent, s.Rate, s.WarmUp = 0, 0, ""
		if s.Reason == "" || s.Stopped {
			s.Connections = 0
		}
	}
	return servers
}

// sameStanding tells whether nothing but dates differs.
func sameStanding(a, b []ServerStatus) bool {
	return slices.EqualFunc(a, b, func(a, b ServerStatus) bool {
		same := func(a, b DomainStatus) bool { return a.Domain == b.Domain && a.Reason == b.Reason }
		return a.Name == b.Name && a.Stopped == b.Stopped && a.Tried == b.Tried && a.Reason == b.Reason && a.Limit == b.Limit && slices.EqualFunc(a.Domains, b.Domains, same)
	})
}

func sameDates(a, b ServerStatus) bool {
	same := func(a, b DomainStatus) bool { return a.Until.Equal(b.Until) }
	return a.Since.Equal(b.Since) && a.Took.Equal(b.Took) && a.Next.Equal(b.Next) && slices.EqualFunc(a.Domains, b.Domains, same)
}

// leave writes down what a run leaves behind: bounces of a rotten window that
// came late are returned, what was counted in advance is taken back, and the
// next process reads how the servers stand.
func (d *Dispatcher) leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, s := range d.servers {
		if !s.flow.rotten() {
			continue
		}
		if _, err := d.c.Outbox.Chain(ctx, Step{Now: d.c.Clock(), Server: s.Name, Window: WindowRotten}); err != nil {
			return err
		}
	}
	if err := d.refund(ctx); err != nil {
		return err
	}
	servers := d.standing()
	d.tell(d.c.Clock(), servers)
	return d.c.Book.Stand(ctx, servers)
}
