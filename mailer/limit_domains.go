package mailer

import (
	"cmp"
	"container/list"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// lanesKept bounds the recipients' domains that are watched at once: to
	// forget one that got letters in its last second or minute would be to give
	// it more than its limit.
	lanesKept = 4096
	// farthest is how long a letter is put aside at most: limits may change.
	farthest = time.Hour
	// nearest keeps a letter that is put aside from coming back at once.
	nearest = 20 * time.Millisecond
)

// lanes are the recipients' domains with a limit at one server. A letter that
// is one too many gets its place in a line that exists as a date alone: it goes
// back to the outbox, due when its turn comes. So nothing is kept in memory for
// letters that wait, and letters to other domains go first.
type lanes struct {
	server string
	rules  map[string]DomainLimit
	recent *Recent
	kept   int
	mu     sync.Mutex
	by     map[string]*lane
	idle   *list.List // of *lane, longest idle first; without those that a limit names
	others lane       // the line of the domains that there is no room for
}

// lane is one domain.
type lane struct {
	domain string
	rule   DomainLimit
	named  bool
	*allowance
	busy int
	took time.Duration // how long a letter takes, averaged
	last time.Time     // when the last letter that was put aside is due
	why  string
	note *list.Element // in idle
}

func newLanes(server string, limits []DomainLimit, recent *Recent) *lanes {
	if len(limits) == 0 {
		return nil
	}
	l := &lanes{server: server, rules: map[string]DomainLimit{}, recent: recent, kept: lanesKept, by: map[string]*lane{}, idle: list.New()}
	l.others = lane{domain: "*", why: fmt.Sprintf("letters to %d other domains count against their limits", l.kept)}
	for _, d := range limits {
		l.rules[strings.ToLower(d.Domain)] = d
	}
	return l
}

// enter asks whether a letter to an address may go now, and returns the lane
// that it has to leave then, nil where the address has no limit. If it may not,
// due is when its turn comes.
func (l *lanes) enter(ctx context.Context, book ServerBook, address string, now time.Time) (n *lane, due time.Time, err error) {
	if l == nil {
		return nil, due, nil
	}
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	rule, named := l.rules[domain]
	if !named {
		var all bool
		if rule, all = l.rules["*"]; !all {
			return nil, due, nil
		}
	}
	// Found and entered at once: a lane that was forgotten in between would be
	// one of two of its domain.
	l.mu.Lock()
	defer l.mu.Unlock()
	n = l.by[domain]
	if n == nil {
		n = &lane{domain: domain, rule: rule, named: named, allowance: newAllowance(l.server, domain, rule.Rate, nil, nil), took: 100 * time.Millisecond}
		if due, err = l.add(ctx, book, n, now); err != nil || !due.IsZero() {
			return nil, due, err
		}
	}
	if due = n.turn(now); !due.IsZero() {
		return nil, due, nil
	}
	if !n.paid(now) {
		if err := n.pay(ctx, book, now); err != nil {
			return nil, due, err
		}
	}
	n.take(now)
	if n.busy++; n.note != nil {
		l.idle.Remove(n.note)
		n.note = nil
	}
	return n, due, nil
}

// add watches one more domain, in the place of the one that was idle longest.
// Where that one must not be forgotten yet, due is when a letter asks again.
func (l *lanes) add(ctx context.Context, book ServerBook, n *lane, now time.Time) (due time.Time, err error) {
	if oldest := l.idle.Front(); oldest != nil && len(l.by) >= l.kept {
		gone := oldest.Value.(*lane)
		if free := gone.over(now); free.After(now) {
			l.others.last = latest(now.Add(nearest), free, l.others.last.Add(nearest))
			return l.others.soon(now), nil
		}
		if err := gone.refund(ctx, book, now); err != nil {
			return due, err
		}
		l.idle.Remove(oldest)
		delete(l.by, gone.domain)
	}
	if err := n.load(ctx, book, l.recent, now); err != nil {
		return due, err
	}
	l.by[n.domain] = n
	l.rest(n)
	return due, nil
}

// rest notes that no letter of the domain is under way.
func (l *lanes) rest(n *lane) {
	if !n.named {
		n.note = l.idle.PushBack(n)
	}
}

// turn returns zero where a letter may go now, else when its turn comes.
func (n *lane) turn(now time.Time) time.Time {
	opens, why := n.opens(now, false)
	step := n.interval()
	if n.rule.Connections > 0 && n.busy >= n.rule.Connections && opens.IsZero() {
		why = "as many connections as it may have are busy"
		// Twice as dense as letters can go: better one more asks in vain than
		// a connection waits for nothing.
		opens, step = now, n.took/time.Duration(2*n.rule.Connections)
	}
	if opens.IsZero() {
		return opens
	}
	n.why = why
	n.last = latest(now.Add(nearest), opens, n.last.Add(step))
	return n.soon(now)
}

// soon is when the last letter in the line is due; it is asked for before long.
func (n *lane) soon(now time.Time) time.Time {
	if far := now.Add(farthest); n.last.After(far) {
		n.last = far
	}
	return n.last
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// leave ends what enter allowed: after so long, or without a try where took is 0.
func (l *lanes) leave(n *lane, now time.Time, took time.Duration) {
	if n == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	n.busy--
	if took > 0 {
		n.took += (took - n.took) / 8
	} else {
		n.untake(now)
	}
	if n.busy == 0 {
		l.rest(n)
	}
}

// refund takes back what was counted in advance.
func (l *lanes) refund(ctx context.Context, book ServerBook, now time.Time) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.by {
		if err := n.refund(ctx, book, now); err != nil {
			return err
		}
	}
	return nil
}

// keep hands on what the domains got lately.
func (l *lanes) keep(now time.Time) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.by {
		n.keep(l.recent, now)
	}
}

// DomainStatus is a recipients' domain whose letters wait.
type DomainStatus struct {
	// Domain is "*" where there is no room for more domains.
	Domain string
	// Reason says which limit is reached; the last of its letters that was put
	// aside is due at Until.
	Reason string
	Until  time.Time
}

// status lists the domains whose letters wait, those that wait longest first,
// and no more than five.
func (l *lanes) status(now time.Time) (out []DomainStatus) {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range append(slices.Collect(maps.Values(l.by)), &l.others) {
		if n.last.After(now) {
			out = append(out, DomainStatus{Domain: n.domain, Reason: n.why, Until: n.last})
		}
	}
	slices.SortFunc(out, func(a, b DomainStatus) int {
		return cmp.Or(b.Until.Compare(a.Until), cmp.Compare(a.Domain, b.Domain))
	})
	return out[:min(len(out), 5)]
}
