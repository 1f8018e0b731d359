package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// tally is what the sink knows of one issue.
type tally struct {
	copies  map[string]int // by address
	missing []string       // of the audience
	twice   int            // readers with more than one copy
	extras  int            // copies beyond the first of each
	// stray are copies that no kill and no lost answer explains.
	stray []string
	// unlike are copies with another Message-ID or other bytes than the first.
	unlike []string
	// strangers got the issue, and are not in its audience.
	strangers []string
	// byKill counts the extras that the end of a process explains.
	byKill map[int]int
	byLoss int // extras after a lost answer
}

// tally counts who got an issue. end tells how a process ended: by that the last
// letter of each of its connections may go again.
func (s *sink) tally(issue int64, audience []string, end func(process int) ending) tally {
	out := tally{copies: map[string]int{}, byKill: map[int]int{}}
	for to, copies := range s.of(issue) {
		out.copies[to] = len(copies)
		if len(copies) > 1 {
			out.twice++
		}
		for i, t := range copies[1:] {
			out.extras++
			before := copies[i]
			switch {
			case before.lost:
				out.byLoss++
			case before.inDoubt(end(before.conn.process)):
				out.byKill[before.conn.process]++
			default:
				out.stray = append(out.stray, fmt.Sprintf("%s got %s again (event %d after %d), and nothing explains it", to, t.id, t.seq, before.seq))
			}
			if t.id != before.id || t.hash != before.hash {
				out.unlike = append(out.unlike, fmt.Sprintf("%s got %s (%x), then %s (%x)", to, before.id, before.hash, t.id, t.hash))
			}
		}
	}
	known := make(map[string]bool, len(audience))
	for _, a := range audience {
		known[a] = true
		if out.copies[a] == 0 {
			out.missing = append(out.missing, a)
		}
	}
	for to := range out.copies {
		if !known[to] {
			out.strangers = append(out.strangers, to)
		}
	}
	slices.Sort(out.strangers)
	return out
}

// inDoubt tells whether the process cannot have known that the letter was taken.
func (t *taken) inDoubt(end ending) bool {
	return t.conn.last == t && (end == byFault || end == byForce && !t.conn.quit.Load())
}

// of are the copies of an issue by address, in the order in which they came.
func (s *sink) of(issue int64) map[string][]*taken {
	s.mu.Lock()
	defer s.mu.Unlock()
	prefix := strconv.FormatInt(issue, 10) + "."
	out := map[string][]*taken{}
	for id, copies := range s.letters {
		if !strings.HasPrefix(id, prefix) {
			continue
		}
		for _, t := range copies {
			out[t.to] = append(out[t.to], t)
		}
	}
	for _, copies := range out {
		slices.SortFunc(copies, func(a, b *taken) int { return cmp.Compare(a.seq, b.seq) })
	}
	return out
}

// few shows the first of a list.
func few(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, "; ")
	}
	return strings.Join(list[:most], "; ") + fmt.Sprintf("; and %d more", len(list)-most)
}
