package mailer

import (
	"cmp"
	"container/list"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// lanesKept bounds the recipients' domains that are watched at once; of
	// more the one that was idle longest is forgotten.
	lanesKept = 1024
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
	mu     sync.Mutex
	by     map[string]*lane
	idle   *list.List // of *lane, longest idle first
}

// lane is one domain.
type lane struct {
	domain string
	rule   DomainLimit
	*allowance
	busy int
	took time.Duration // how long a letter takes, averaged
	last time.Time     // when the last letter that was put aside is due
	why  string
	note *list.Element // in idle
}

func newLanes(server string, limits []DomainLimit) *lanes {
	if len(limits) == 0 {
		return nil
	}
	l := &lanes{server: server, rules: map[string]DomainLimit{}, by: map[string]*lane{}, idle: list.New()}
	for _, d := range limits {
		l.rules[strings.ToLower(d.Domain)] = d
	}
	return l
}

// lane returns the lane of an address, nil where it has no limit.
func (l *lanes) lane(ctx context.Context, book ServerBook, address string, now time.Time) (*lane, error) {
	if l == nil {
		return nil, nil
	}
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	rule, ok := l.rules[domain]
	if !ok {
		if rule, ok = l.rules["*"]; !ok {
			return nil, nil
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.by[domain]; known != nil {
		return known, nil
	}
	n := &lane{domain: domain, rule: rule, allowance: newAllowance(l.server, domain, rule.Rate, nil, nil), took: 100 * time.Millisecond}
	if err := n.load(ctx, book, now); err != nil {
		return nil, err
	}
	if oldest := l.idle.Front(); oldest != nil && len(l.by) >= lanesKept {
		gone := l.idle.Remove(oldest).(*lane)
		delete(l.by, gone.domain)
		if err := gone.refund(ctx, book, now); err != nil {
			return nil, err
		}
	}
	l.by[domain] = n
	n.note = l.idle.PushBack(n)
	return n, nil
}

// enter asks whether a letter may go now. If not, it says when its turn comes.
func (l *lanes) enter(ctx context.Context, book ServerBook, n *lane, now time.Time) (ok bool, due time.Time, err error) {
	if n == nil {
		return true, due, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	opens, why := n.opens(now, false)
	step := n.interval()
	if n.rule.Connections > 0 && n.busy >= n.rule.Connections && opens.IsZero() {
		why = "as many connections as it may have are busy"
		// Twice as dense as letters can go: better one more asks in vain than
		// a connection waits for nothing.
		opens, step = now, n.took/time.Duration(2*n.rule.Connections)
	}
	if !opens.IsZero() {
		n.why = why
		due = latest(now.Add(nearest), opens, n.last.Add(step))
		if far := now.Add(farthest); due.After(far) {
			due = far
		}
		n.last = due
		return false, due, nil
	}
	if !n.paid(now) {
		if err := n.pay(ctx, book, now); err != nil {
			return false, due, err
		}
	}
	n.take(now)
	if n.busy++; n.note != nil {
		l.idle.Remove(n.note)
		n.note = nil
	}
	return true, due, nil
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
		n.note = l.idle.PushBack(n)
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

// DomainStatus is a recipients' domain whose letters wait.
type DomainStatus struct {
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
	for _, n := range l.by {
		if n.last.After(now) {
			out = append(out, DomainStatus{Domain: n.domain, Reason: n.why, Until: n.last})
		}
	}
	slices.SortFunc(out, func(a, b DomainStatus) int {
		return cmp.Or(b.Until.Compare(a.Until), cmp.Compare(a.Domain, b.Domain))
	})
	return out[:min(len(out), 5)]
}
