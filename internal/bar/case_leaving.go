package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// leaver makes readers leave by the one-click POST of RFC 8058, and remembers
// where in the order of events each got the answer 200.
type leaver struct {
	w      *world
	client *http.Client
	mu     sync.Mutex
	left   map[string]int64 // address to event
	wrong  []string
	done   atomic.Int64
	over   atomic.Bool // nobody else leaves
}

func newLeaver(w *world) *leaver {
	return &leaver{w: w, left: map[string]int64{}, client: &http.Client{Timeout: 30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
}

// leave makes one reader leave, once.
func (l *leaver) leave(address string) bool {
	l.mu.Lock()
	_, before := l.left[address]
	if !before {
		l.left[address] = 0
	}
	l.mu.Unlock()
	if before {
		return false
	}
	r, err := l.client.Post(l.w.sink.link(address), "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	if err == nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		if r.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s", r.Status)
		}
	}
	at := l.w.sink.event()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.wrong = append(l.wrong, fmt.Sprintf("%s: %v", address, err))
		delete(l.left, address)
		return false
	}
	l.left[address] = at
	l.done.Add(1)
	return true
}

// leaving lets readers leave while an issue goes out. The sink keeps pace with
// them, so that they leave during all of it; some leave while their own letter
// is on the wire.
func leaving(t *trial) error {
	readers, leavers, connections := t.pick(40_000, 2_000), t.pick(10_000, 500), 16
	w, err := t.world("world", setup{readers: readers, connections: connections})
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.post(); err != nil { // the letters with the links
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	if _, distinct := w.sink.counts(); distinct != readers {
		return fmt.Errorf("%d of %d readers have a link", distinct, readers)
	}
	if err := w.post(); err != nil {
		return err
	}
	l := newLeaver(w)
	w.sink.play(l.pace(readers, leavers))
	p, err := w.start("serve")
	if err != nil {
		return err
	}
	began := w.sink.next()
	if err := w.until(p, "the first letter", func() (bool, error) {
		select {
		case <-began:
			return true, nil
		default:
			return false, nil
		}
	}); err != nil {
		return err
	}
	l.crowd(t, readers, leavers)
	if _, err := w.stop(p); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	return t.left(w, l, leavers, connections)
}

// pace is a script that lets so many letters through as readers have left, and
// makes every twentieth reader leave while the letter is on its way.
func (l *leaver) pace(readers, leavers int) script {
	var letters atomic.Int64
	each := int64((readers - leavers) / leavers)
	return func(at phase, c *conn) answer {
		if at != phaseDot {
			return answer{}
		}
		if n := letters.Add(1); n%20 == 0 && int(l.done.Load()) < leavers {
			l.leave(c.to)
		}
		for !l.over.Load() && letters.Load() > 100+each*(l.done.Load()+1) && l.w.ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		return answer{}
	}
}

// crowd lets readers leave in a random order, eight at a time.
func (l *leaver) crowd(t *trial, readers, leavers int) {
	order := t.dice(4).Perm(readers)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for int(l.done.Load()) < leavers && t.ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= len(order) {
					return
				}
				l.leave(reader(order[n]))
				t.doing("%d of %d have left", l.done.Load(), leavers)
			}
		})
	}
	wg.Wait()
	l.over.Store(true)
}

// left judges who got a letter after having left.
func (t *trial) left(w *world, l *leaver, leavers, connections int) error {
	i, err := w.newest()
	if err != nil {
		return err
	}
	fates, err := w.whoGot(i.Number)
	if err != nil {
		return err
	}
	copies := w.sink.of(i.ID)
	late, forbidden, odd := 0, []string{}, []string{}
	for address, left := range l.left {
		for _, c := range copies[address] {
			if c.seq < left {
				continue
			}
			late++
			// The intent of a letter follows the letter before it on its connection.
			if c.prior > left {
				forbidden = append(forbidden, fmt.Sprintf("%s left at event %d, the letter before on that connection was taken at %d, theirs at %d", address, left, c.prior, c.seq))
			}
		}
	}
	for _, f := range fates {
		_, gone := l.left[f.Address]
		switch n := len(copies[f.Address]); {
		case f.State == "sent" && n == 1:
		case f.State == "skipped" && n == 0 && gone && f.Cause == "unsubscribed":
		default:
			odd = append(odd, fmt.Sprintf("%s: %s (%s) with %d letters, left: %v", f.Address, f.State, f.Cause, n, gone))
		}
	}
	t.check(len(l.left) >= leavers, "readers who left during the issue", len(l.left), fmt.Sprintf("at least %d", leavers))
	t.none("unsubscribes without the answer 200", l.wrong)
	t.check(i.States["skipped"] > 0, "letters that were withheld", i.States["skipped"], "more than 0")
	t.check(late > 0, "letters after the answer 200, whose intent was durable before it", late, fmt.Sprintf("more than 0, at most one for each of the %d connections at each instant", connections))
	t.none("letters after the answer 200 whose intent came later", forbidden)
	t.none("readers whose state the order of events does not explain", odd)
	t.check(i.Recipients == w.readers && len(fates) == w.readers, "what the issue says", i.states()+": "+i.State, fmt.Sprintf("%d in all", w.readers))
	t.intact(w)
	return nil
}
