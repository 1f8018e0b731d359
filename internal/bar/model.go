package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// model is what happened, as the sink and the driver saw it: it decides which
// final states are allowed. It knows nothing of the program's tables.
type model struct {
	readers  map[int64]*known // by subscriber id
	byName   map[string]*known
	articles map[int]int64  // article to the event of its writing
	stopped  map[int64]bool // numbers of issues that were cancelled
	wrong    []string
	judged   map[string]int // deliveries by state
	extras   int
	late     int
}

// known is one person; 0 is never for events.
type known struct {
	names []string // addresses, one after the other
	since int64
	// gone is when the answer came that the person left, was erased or blocked.
	gone int64
	// begun is when that was asked for: from then on it may be so.
	begun  int64
	erased bool
	// blocked by the operator: what is listed as the state stays.
	blocked bool
	ghost   bool // the server says that there is no such mailbox
}

func newModel() *model {
	return &model{readers: map[int64]*known{}, byName: map[string]*known{}, articles: map[int]int64{}, stopped: map[int64]bool{}, judged: map[string]int{}}
}

// meet notes a person that the program lists.
func (m *model) meet(p person, at int64) {
	k := &known{names: []string{p.Address}, since: at, ghost: ghost(p.Address)}
	m.readers[p.ID], m.byName[p.Address] = k, k
}

// renamed notes another address of a person.
func (m *model) renamed(from, to string) {
	k := m.byName[from]
	k.names = append(k.names, to)
	m.byName[to] = k
}

// blame notes something that no event explains.
func (m *model) blame(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// article is the number of the article that an issue is about.
func (i issue) article() int {
	_, name, _ := strings.Cut(i.Label, "article-")
	n, _ := strconv.Atoi(strings.TrimRight(name, "/"))
	return n
}

// judge compares the program's word on an issue with what happened.
func (m *model) judge(i issue, fates []fate, s *sink, refused refusedBy, end func(int) ending) {
	copies := s.of(i.ID)
	sum := map[string]int{}
	seen := map[int64]bool{}
	for _, f := range fates {
		sum[f.State]++
		m.judged[f.State]++
		k := m.readers[f.Subscriber]
		if k == nil || seen[f.Subscriber] {
			m.blame("issue %d: subscriber %d is unknown, or there twice", i.Number, f.Subscriber)
			continue
		}
		seen[f.Subscriber] = true
		got := k.copies(copies)
		m.fate(i, f, k, got, refused)
		m.copies(i, k, got, end)
	}
	for state, n := range i.States {
		if sum[state] != n {
			m.blame("issue %d: %d %s in the sums, %d in the list", i.Number, n, state, sum[state])
		}
	}
	if len(fates) != i.Recipients {
		m.blame("issue %d: %d recipients, %d in the list", i.Number, i.Recipients, len(fates))
	}
	m.audience(i, seen)
	for to := range copies {
		if m.byName[to] == nil {
			m.blame("issue %d: %s got it and is nobody", i.Number, to)
		}
	}
}

// copies are those that a person got under any address, in order.
func (k *known) copies(all map[string][]*taken) (out []*taken) {
	for _, name := range k.names {
		out = append(out, all[name]...)
	}
	slices.SortFunc(out, func(a, b *taken) int { return int(a.seq - b.seq) })
	return out
}

// audience looks whether everybody is in an issue who should be, and nobody else.
func (m *model) audience(i issue, seen map[int64]bool) {
	written := m.articles[i.article()]
	if written == 0 {
		m.blame("issue %d is about %q, which nobody wrote", i.Number, i.Label)
		return
	}
	for id, k := range m.readers {
		switch {
		case k.since < written && k.gone == 0 && k.begun == 0 && !k.ghost && !seen[id]:
			m.blame("issue %d: %s was there all the time, and is not in it", i.Number, k.names[0])
		case k.gone != 0 && k.gone < written && seen[id]:
			m.blame("issue %d: %s had left before the article was written, and is in it", i.Number, k.names[0])
		}
	}
}

// fate looks whether events explain a final state.
func (m *model) fate(i issue, f fate, k *known, got []*taken, refused refusedBy) {
	answered := slices.ContainsFunc(got, func(t *taken) bool { return !t.lost })
	why := ""
	switch f.State {
	case "sent":
		if !answered {
			why = "no letter to them was answered with 250"
		}
	case "skipped":
		if k.begun == 0 && !k.ghost {
			why = "they never left, and were never blocked"
		}
	case "cancelled":
		if !k.erased && !m.stopped[i.Number] {
			why = "they were not erased, and the issue was not cancelled"
		}
	case "bounced":
		if !k.ghost || refused.any(k.names, "5.1.1") == 0 {
			why = "the server never said that they do not exist"
		}
	case "failed":
		if refused.any(k.names, "5.6.0") == 0 {
			why = "the server never refused their letter"
		}
	default:
		why = "that is no final state here"
	}
	if why != "" {
		m.blame("issue %d: %s is %s (%s), but %s; %d copies", i.Number, k.names[0], f.State, f.Cause, why, len(got))
	}
}

// copies looks whether events explain every copy after the first, and every
// letter after the goodbye.
func (m *model) copies(i issue, k *known, got []*taken, end func(int) ending) {
	for n, t := range got {
		if k.gone != 0 && t.seq > k.gone {
			m.late++
			if t.prior > k.gone {
				m.blame("issue %d: %s left at event %d, and got a letter at %d whose intent came after %d", i.Number, t.to, k.gone, t.seq, t.prior)
			}
		}
		if n == 0 {
			continue
		}
		before := got[n-1]
		m.extras++
		if !before.lost && !before.inDoubt(end(before.conn.process)) {
			m.blame("issue %d: %s got a copy at event %d after one at %d, and nothing explains it", i.Number, t.to, t.seq, before.seq)
		}
		if t.id != before.id || t.to == before.to && t.hash != before.hash {
			m.blame("issue %d: the copies of %s differ: %s %x, %s %x", i.Number, t.to, before.id, before.hash, t.id, t.hash)
		}
	}
}

// people looks at the states of the readers themselves.
func (m *model) people(list []person) {
	left := map[int64]bool{}
	for _, p := range list {
		left[p.ID] = true
		k := m.readers[p.ID]
		switch {
		case k == nil:
			m.blame("subscriber %d is unknown", p.ID)
		case p.State == "active" && k.gone != 0 && !k.blocked,
			p.State == "unsubscribed" && k.begun == 0,
			p.State == "bounced" && !k.ghost,
			p.State != "active" && p.State != "unsubscribed" && p.State != "bounced":
			m.blame("%s is %s, and nothing explains it", p.Address, p.State)
		}
	}
	for id, k := range m.readers {
		if left[id] == k.erased {
			m.blame("%s is listed: %v, erased: %v", k.names[0], left[id], k.erased)
		}
	}
}
