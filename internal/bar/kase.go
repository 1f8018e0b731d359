package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// limit is how long a case may take.
const limit = 10 * time.Minute

// kase is one case: what it does and finds is in its trial.
type kase struct {
	name, about string
	run         func(*trial) error
}

// figure is one thing that was counted, and what it had to be.
type figure struct {
	what, value, bound string
	good               bool
}

// trial is one run of a case.
type trial struct {
	kase
	options
	ctx     context.Context
	begun   time.Time
	took    time.Duration
	figures []figure
	rows    [][]string // of the table of events
	err     error

	mu   sync.Mutex
	doin string // what it does now
}

// hold runs the case and tells every minute how far it is.
func (k kase) hold(ctx context.Context, o options, out io.Writer) *trial {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	t := &trial{kase: k, options: o, ctx: ctx, begun: time.Now(), doin: "begins"}
	say := func(text string) {
		fmt.Fprintf(out, "%s  %-9s %4ds  %s\n", time.Now().Format(time.TimeOnly), k.name, int(time.Since(t.begun).Seconds()), text)
	}
	say(k.about)
	minute, over := time.NewTicker(time.Minute), make(chan struct{})
	defer minute.Stop()
	go func() {
		defer close(over)
		t.err = k.run(t)
	}()
	for {
		select {
		case <-minute.C:
			t.mu.Lock()
			say(t.doin)
			t.mu.Unlock()
			continue
		case <-over:
		}
		break
	}
	t.took = time.Since(t.begun)
	if len(t.figures) == 0 && t.err == nil {
		t.err = errors.New("nothing was measured")
	}
	word := "good"
	if !t.passed() {
		word = "BELOW THE BAR"
	}
	say(word)
	for _, f := range t.figures {
		if !f.good {
			say(fmt.Sprintf("  %s: %s, and not %s", f.what, f.value, f.bound))
		}
	}
	if t.err != nil {
		say("  " + t.err.Error())
	}
	return t
}

// doing notes how far the case is.
func (t *trial) doing(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.doin = fmt.Sprintf(format, args...)
}

// passed tells whether the case is above the bar.
func (t *trial) passed() bool {
	for _, f := range t.figures {
		if !f.good {
			return false
		}
	}
	return t.err == nil
}

// check notes a figure, with the bound that it had to keep.
func (t *trial) check(good bool, what string, value any, bound string) {
	t.figures = append(t.figures, figure{what: what, value: fmt.Sprint(value), bound: bound, good: good})
}

// none notes a list that has to be empty.
func (t *trial) none(what string, list []string) {
	value := fmt.Sprint(len(list))
	if len(list) > 0 {
		value += ": " + few(list)
	}
	t.check(len(list) == 0, what, value, "0")
}

// intact notes what SQLite says of the database.
func (t *trial) intact(w *world) {
	said := "ok"
	if err := w.intact(); err != nil {
		said = err.Error()
	}
	t.check(said == "ok", "quick_check of the database", said, "ok")
}

// dice are the random decisions of one purpose: the same for the same seed.
func (t *trial) dice(purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(t.seed, purpose)) }

// pick is the first for the full bar, the second for the short one, and less for
// the test of the bar itself.
func (t *trial) pick(full, short int) int {
	switch {
	case t.tiny:
		return max(1, short/8)
	case t.short:
		return short
	}
	return full
}

// world makes a world in a folder of its own.
func (t *trial) world(name string, o setup) (*world, error) {
	dir := filepath.Join(t.dir, t.name, name)
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	w, err := newWorld(t.ctx, t.bin, dir, o)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", name, err)
	}
	if t.sabotage != nil {
		t.sabotage(w)
	}
	return w, nil
}
