package mailer

import (
	"sync"
	"time"
)

const (
	// ahead is how many letters a server may be before its share.
	ahead = 8
	// slack is how long a server that asks for no letter is waited for.
	slack = 3 * time.Second
)

// scales share letters out among servers by their weights. Only servers that
// take letters now are weighed: nobody waits for one that is away.
type scales struct {
	mu      sync.Mutex
	pans    []pan
	weighed bool // more than one server has a weight
	changed chan struct{}
}

// pan is one server.
type pan struct {
	weight int
	took   float64 // letters for each unit of weight
	in     bool
	seen   time.Time
}

func newScales(servers []Server) *scales {
	s := &scales{changed: make(chan struct{})}
	n := 0
	for _, one := range servers {
		s.pans = append(s.pans, pan{weight: max(0, one.Weight)})
		if one.Weight > 0 {
			n++
		}
	}
	s.weighed = n > 1
	return s
}

// least is the smallest share of the servers that take letters.
func (s *scales) least(now time.Time) (least float64, any bool) {
	for _, p := range s.pans {
		if p.weight > 0 && p.in && now.Sub(p.seen).Abs() < slack && (!any || p.took < least) {
			least, any = p.took, true
		}
	}
	return least, any
}

// stand notes whether the server takes letters, and tells whether it is its
// turn. If it is not, what may change that is closed then.
func (s *scales) stand(i int, in bool, now time.Time) (turn bool, changed <-chan struct{}) {
	if !s.weighed || s.pans[i].weight == 0 {
		return true, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.pans[i]
	if in && (!p.in || now.Sub(p.seen).Abs() >= slack) {
		// It was away: what went by the others meanwhile is no debt to it.
		p.in = false
		if least, any := s.least(now); any {
			p.took = max(p.took, least)
		}
	}
	if p.in != in {
		p.in = in
		s.signal()
	}
	p.seen = now
	least, _ := s.least(now)
	return !in || p.took <= least+ahead/float64(p.weight), s.changed
}

// count notes that the server took a letter, or put one aside.
func (s *scales) count(i int) {
	if !s.weighed || s.pans[i].weight == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pans[i].took += 1 / float64(s.pans[i].weight)
	s.signal()
}

// signal lets those ask again who wait for their turn.
func (s *scales) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}
