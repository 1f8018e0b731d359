package main

import (
	"fmt"
	"time"
)

// settle sends what is left without any fault, and moves the ledger's clock past
// every wait that it meets, until nothing is open. Each process that it runs
// ends by itself.
func (w *world) settle() error {
	w.sink.play(nil)
	const rounds = 60
	for range rounds {
		p, err := w.start("run")
		if err != nil {
			return err
		}
		if err := w.hurry(p); err != nil {
			return err
		}
		s, err := w.standing()
		if err != nil {
			return err
		}
		if p.code == 0 && s.open() == 0 {
			return nil
		}
		// The ladder's first steps are minutes; what is late in it waits hours.
		if err := w.setClock(w.ahead + 20*time.Minute); err != nil {
			return err
		}
	}
	s, err := w.standing()
	if err == nil {
		err = fmt.Errorf("after %d runs without a fault %d letters are open: %v", rounds, s.open(), s.Trouble)
	}
	return err
}

// hurry waits for the end of a process, and moves the clock past what it waits
// for whenever no letter came for a while.
func (w *world) hurry(p *process) error {
	for {
		select {
		case <-p.ended:
			if p.code != 0 && p.code != 3 && p.code != 75 {
				return fmt.Errorf("process ended with code %d: %s", p.code, lastLine(p.said()))
			}
			return nil
		case <-w.sink.next():
		case <-time.After(1500 * time.Millisecond):
			if err := w.setClock(w.ahead + 35*time.Second); err != nil {
				return err
			}
		case <-w.ctx.Done():
			w.kill(p)
			return w.ctx.Err()
		}
	}
}
