package mailer

import "time"

// DispatcherStatus is what the dispatcher does at an instant.
type DispatcherStatus struct {
	// Stopped tells that the server refuses us; Reason says why, or why no
	// letter goes out for a while.
	Stopped bool
	Reason  string
	// Since is when that began; Next is when one letter is risked.
	Since, Next time.Time
	// Connections are open now; Limit is how many may be.
	Connections, Limit int
	// Claimed letters wait for a connection or for their result.
	Claimed int
	// Sent is how many letters were accepted since the dispatcher was made.
	Sent int
	// Rate is letters accepted per second, over the last ten.
	Rate float64
}

// Status returns what the dispatcher does now.
func (d *Dispatcher) Status() DispatcherStatus {
	f := d.flow
	f.mu.Lock()
	defer f.mu.Unlock()
	s := DispatcherStatus{Connections: f.opened, Limit: f.limit, Claimed: int(d.out.Load()), Sent: f.judge.accepted, Rate: f.meter.rate(d.c.Clock())}
	switch {
	case f.stop != nil:
		s.Stopped, s.Reason, s.Since, s.Next = true, f.stop.reason, f.stop.since, f.stop.next
	case f.fails > 0:
		s.Reason, s.Since, s.Next = f.why, f.since, f.until
	case f.gap > 0:
		s.Reason, s.Since, s.Next = "the server asked for less", f.cut, f.slot
	}
	return s
}

// meter counts accepted letters in each of the last ten seconds.
type meter struct {
	second [10]int64
	count  [10]int
}

func (m *meter) add(now time.Time) {
	s := now.Unix()
	i := s % int64(len(m.second))
	if m.second[i] != s {
		m.second[i], m.count[i] = s, 0
	}
	m.count[i]++
}

func (m *meter) rate(now time.Time) float64 {
	n := 0
	for i, s := range m.second {
		if now.Unix()-s < int64(len(m.second)) {
			n += m.count[i]
		}
	}
	return float64(n) / float64(len(m.second))
}
