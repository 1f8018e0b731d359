package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"
)

// spot is the moment at which a process is killed: at a phase of the letter n
// since its start, or a little later.
type spot struct {
	letters int
	at      phase
	later   time.Duration
}

// killing kills the daemon again and again while it sends one issue. A kill
// counts only where a letter went out since the start before it.
func killing(t *trial) error {
	readers, kills, connections := t.pick(100_000, 4_000), t.pick(1000, 40), 16
	w, err := t.world("world", setup{readers: readers, connections: connections})
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.post(); err != nil {
		return err
	}
	dice := t.dice(1)
	counted, open, most := 0, 0, 0
	at := map[int]int{} // open connections when a process was killed
	for counted < kills {
		n, err := w.killOnce(aim(dice, readers/kills))
		if err != nil {
			return fmt.Errorf("kill %d: %w", counted+1, err)
		}
		if n < 0 {
			break // everybody has the letter
		}
		counted++
		open, most = open+n, max(most, n)
		at[w.sink.process] = n
		_, distinct := w.sink.counts()
		t.doing("%d of %d kills, %d of %d readers", counted, kills, distinct, readers)
	}
	if err := w.settle(); err != nil {
		return err
	}
	return t.killed(w, counted, kills, open, most, at)
}

// aim decides where the next kill hits; each takes fewer letters than there are.
func aim(dice *rand.Rand, each int) spot {
	s := spot{letters: 1 + dice.IntN(max(1, each*9/10))}
	phases := []phase{phaseMail, phaseRcpt, phaseData, phaseDot, phaseTaken, phaseTaken, phaseReplied}
	s.at = phases[dice.IntN(len(phases))]
	if dice.IntN(3) == 0 {
		s.later = time.Duration(dice.Int64N(int64(3 * time.Millisecond)))
	}
	return s
}

// kill is one kill of the daemon, as the sink sees it come.
type kill struct {
	w       *world
	spot    spot
	mu      sync.Mutex
	once    sync.Once
	p       *process
	letters int
	// hit gets how many connections were open.
	hit chan int
}

// play is the sink's part: it answers as ever, and kills at the spot.
func (k *kill) play(at phase, _ *conn) answer {
	k.mu.Lock()
	defer k.mu.Unlock()
	if at == phaseTaken {
		k.letters++
	}
	if at != k.spot.at || k.letters < k.spot.letters {
		return answer{}
	}
	k.once.Do(func() {
		if k.spot.later == 0 {
			k.now() // while every connection waits for its answer
		} else {
			time.AfterFunc(k.spot.later, k.now)
		}
	})
	return answer{}
}

// now kills. It tells first: an end that nobody told of is the daemon's own.
func (k *kill) now() {
	k.hit <- k.w.sink.open()
	k.p.signal(syscall.SIGKILL)
}

// killOnce starts the daemon, kills it at the spot, and returns how many
// connections were open then; -1 where no letter was left to reach it.
func (w *world) killOnce(s spot) (int, error) {
	k := &kill{w: w, spot: s, hit: make(chan int, 1)}
	k.mu.Lock() // until the process is known
	w.sink.play(k.play)
	p, err := w.start("serve")
	k.p = p
	k.mu.Unlock()
	if err != nil {
		return 0, err
	}
	for {
		select {
		case open := <-k.hit:
			<-p.ended
			w.ends[p.number] = byForce
			return open, nil
		case <-p.ended:
			if len(k.hit) == 0 {
				return 0, fmt.Errorf("the daemon ended with code %d: %s", p.code, lastLine(p.said()))
			}
		case <-w.ctx.Done():
			return 0, w.ctx.Err()
		case <-time.After(500 * time.Millisecond):
			if _, distinct := w.sink.counts(); distinct >= w.readers {
				w.sink.play(nil)
				_, err := w.stop(p)
				return -1, err
			}
		}
	}
}

// killed judges what the kills came to.
func (t *trial) killed(w *world, counted, kills, open, most int, at map[int]int) error {
	i, err := w.newest()
	if err != nil {
		return err
	}
	got := w.sink.tally(i.ID, w.audience(), w.ended)
	over := []string{}
	for process, extras := range got.byKill {
		if extras > at[process] {
			over = append(over, fmt.Sprintf("%d extras after a kill with %d connections", extras, at[process]))
		}
	}
	t.check(counted == kills, "kills with a letter since the start before", counted, fmt.Sprint(kills))
	t.check(w.readers == i.Recipients, "recipients of the issue", i.Recipients, fmt.Sprint(w.readers))
	t.none("readers who got no letter", got.missing)
	t.check(got.extras > 0 && got.extras <= open, "extra copies", got.extras, fmt.Sprintf("1 to %d, the connections that were open", open))
	t.check(most > 1, "most connections open at a kill", most, "more than 1")
	t.none("kills with more extras than connections", over)
	t.none("extras that no kill explains", got.stray)
	t.none("copies with other bytes or another Message-ID", got.unlike)
	t.none("strangers", got.strangers)
	t.check(i.States["sent"] == w.readers && i.State == "finished", "what the issue says", i.states()+": "+i.State, fmt.Sprintf("%d sent: finished", w.readers))
	t.intact(w)
	return nil
}
