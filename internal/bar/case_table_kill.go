package main

import (
	"fmt"
	"strings"
)

func killedRow(t *trial, w *world) (string, int, error) {
	open := 0
	for n := range 5 {
		at, err := w.killOnce(spot{letters: w.readers / 8, at: []phase{phaseTaken, phaseReplied, phaseDot}[n%3]})
		if err != nil || at < 0 {
			return "", 0, fmt.Errorf("kill %d: %v", n+1, err)
		}
		open += at
	}
	w.sink.play(nil)
	p, err := w.start("serve")
	if err != nil {
		return "", 0, err
	}
	if err := w.sent(p, w.readers); err != nil {
		return "", 0, err
	}
	_, err = w.stop(p)
	return told(p.said(), "took over"), open, err
}

// heldRow kills the daemon where what is in doubt waits for the operator, who
// sends it again.
func heldRow(t *trial, w *world) (string, int, error) {
	open, err := w.killOnce(spot{letters: w.readers / 2, at: phaseTaken})
	if err != nil || open < 0 {
		return "", 0, fmt.Errorf("kill: %v", err)
	}
	w.sink.play(nil)
	p, err := w.start("run")
	if err != nil {
		return "", 0, err
	}
	if err := w.hurry(p); err != nil {
		return "", 0, err
	}
	s, err := w.standing()
	if err != nil {
		return "", 0, err
	}
	i, err := w.newest()
	if err != nil {
		return "", 0, err
	}
	letters, distinct := w.sink.counts()
	kept := s.Queue["unknown"]
	says := strings.Join(s.Trouble, "; ")
	t.check(kept > 0 && kept <= open && s.open() == kept && letters == distinct && i.Recipients == w.readers && strings.Contains(says, "may or may not"),
		"kept in doubt: letters that wait for the operator", fmt.Sprintf("%d, %d extras: %s", kept, letters-distinct, says), fmt.Sprintf("1 to %d, and no extras", open))
	_, err = w.ok("issues", "retry", fmt.Sprint(i.Number))
	return says, kept, err
}
