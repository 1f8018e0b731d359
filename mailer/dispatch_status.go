package mailer

import (
	"strings"
	"time"
)

// ServerStatus is how a server stands.
type ServerStatus struct {
	Name string
	// Stopped tells that the server refuses us; Reason says why, or why no
	// letter goes out for a while, or only few.
	Stopped bool
	Reason  string
	// Since is when that began; Next is when one letter is risked, or when the
	// server may have letters again.
	Since, Next time.Time
	// Took is when a letter was accepted last, zero where one was refused since
	// that nobody knows the reason of.
	Took time.Time
	// Tried tells that the server was tried since the dispatcher was made.
	Tried bool
	// Limited tells that the reason is its owner's limit, not a trouble.
	Limited bool
	// PutsOff tells that it answers, and that every letter is to come again later.
	PutsOff bool
	// Connections are open now; Limit is how many may be.
	Connections, Limit int
	// Sent is how many letters it accepted since the dispatcher was made; Rate
	// is letters per second, over the last ten.
	Sent int
	Rate float64
	// WarmUp says where the server's warm-up is, "" without one.
	WarmUp string
	// Domains are recipients' domains whose letters are put aside.
	Domains []DomainStatus

	mood mood
}

// DispatcherStatus is what the dispatcher does at an instant.
type DispatcherStatus struct {
	Servers []ServerStatus
	// Stopped tells that no server takes letters, and one of them refuses us.
	// Reason says why no letter goes out for a while, or only few.
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
	now := d.c.Clock()
	s := DispatcherStatus{Claimed: int(d.out.Load())}
	var reasons []string
	stopped := false
	for _, one := range d.servers {
		t := one.status(now)
		s.Servers = append(s.Servers, t)
		s.Connections += t.Connections
		s.Limit += t.Limit
		s.Sent += t.Sent
		s.Rate += t.Rate
		if t.Reason == "" {
			continue
		}
		reasons = append(reasons, one.says(t.Reason))
		stopped = stopped || t.Stopped
		if s.Next.IsZero() || !t.Next.IsZero() && t.Next.Before(s.Next) {
			s.Next = t.Next
		}
		if t.Since.After(s.Since) {
			s.Since = t.Since
		}
	}
	if len(reasons) < len(d.servers) {
		// One of them takes letters: none waits.
		s.Since, s.Next = time.Time{}, time.Time{}
		return s
	}
	s.Stopped, s.Reason = stopped, strings.Join(reasons, "; ")
	return s
}

// status returns how the server stands.
func (s *server) status(now time.Time) ServerStatus {
	f := s.flow
	f.mu.Lock()
	t := ServerStatus{Name: s.Name, Tried: f.proven || f.fails > 0 || f.stop != nil, Took: f.took, Connections: f.opened, Limit: f.limit, Sent: f.judge.accepted, Rate: f.meter.rate(now)}
	opens, why := f.limits.opens(now, false)
	if opens.Sub(now) < time.Second {
		f.full = time.Time{} // a rate for seconds is no reason to wait
	} else if f.full.IsZero() {
		f.full = now
	}
	switch {
	case f.stop != nil:
		t.mood, t.Stopped, t.Reason, t.Since, t.Next = moodStopped, true, f.stop.reason, f.stop.since, f.stop.next
	case f.fails > 0:
		t.mood, t.Reason, t.Since, t.Next = moodAway, f.why, f.since, f.until
	case !f.full.IsZero():
		t.mood, t.Limited, t.Reason, t.Since, t.Next = moodLimited, true, why, f.full, opens
	case f.gap > 0:
		t.mood, t.Reason, t.Since, t.Next = moodSlow, f.asked, f.cut, f.slot
	case t.Tried && f.puts.all():
		t.mood, t.PutsOff, t.Reason, t.Since = moodPutsOff, true, putsOff+f.puts.said, f.puts.since
	case t.Tried:
		t.mood = moodTakes
	}
	if f.limits.warm != nil {
		t.WarmUp = f.limits.warm.say(now)
	}
	f.mu.Unlock()
	t.Domains = s.lanes.status(now)
	return t
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
