package main

import (
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"
)

// refusedBy counts the lasting refusals by address and status.
type refusedBy map[string]int

// any is how often one of the addresses met a status.
func (r refusedBy) any(names []string, status string) (n int) {
	for _, name := range names {
		n += r[status+" "+name]
	}
	return n
}

// ghost tells whether the server says that a mailbox does not exist: one in forty.
func ghost(address string) bool { return chance(0, "ghost "+strings.ToLower(address))%40 == 0 }

// chance is a number that depends on seed and text alone: what happens to the
// third try of a reader is the same in every run with that seed.
func chance(seed uint64, text string) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s", seed, text)
	x := h.Sum64()
	x ^= x >> 33 // the last characters of a text hardly reach the high bits
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}

// moods is a server that misbehaves by seed: at each phase a share of what it is
// asked gets an answer that is nobody's fault, or the wrong one.
type moods struct {
	seed    uint64
	mu      sync.Mutex
	percent int    // of each phase
	refuses string // its answer to every MAIL, "" where it takes letters
	tries   map[string]int
	refused refusedBy
	happens map[string]int // faults by name
}

func newMoods(seed uint64) *moods {
	return &moods{seed: seed, tries: map[string]int{}, refused: refusedBy{}, happens: map[string]int{}}
}

// set changes the mood.
func (m *moods) set(percent int, refuses string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.percent, m.refuses = percent, refuses
}

// troubles are what a phase may meet.
var troubles = map[phase][]answer{
	phaseGreeting: {{hangup: true}, {reply: "421 4.3.2 busy", hangup: true}, {reply: "hello there"}},
	phaseHello:    {{hangup: true}, {reply: "421 4.3.2 not now", hangup: true}},
	phaseMail:     {{hangup: true}, {reply: "421 4.3.2 enough", hangup: true}, {reply: "451 4.3.0 later"}, {reply: "what?"}},
	phaseRcpt:     {{hangup: true}, {reply: "450 4.2.0 greylisted"}, {reply: "450 4.7.1 rate limit"}, {reply: "452 4.5.3 too many recipients"}, {reply: "451 4.3.0 later"}},
	phaseData:     {{hangup: true}, {reply: "451 4.3.0 later"}},
	phaseDot: {{hangup: true}, {lose: true}, {lose: true}, {reply: "451 4.3.0 later"}, {reply: "421 4.3.2 bye", hangup: true},
		{reply: "huh"}, {wait: 100 * time.Millisecond}},
	phaseReplied: {{hangup: true}},
}

// answer is the script.
func (m *moods) answer(at phase, c *conn) answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	who := c.to
	if at == phaseGreeting || at == phaseHello || at == phaseMail {
		who = "" // by number: the phase knows no reader yet
	}
	key := string(at) + " " + who
	m.tries[key]++
	dice := chance(m.seed, fmt.Sprintf("%s %d", key, m.tries[key]))
	switch {
	case at == phaseMail && m.refuses != "":
		m.happens["MAIL refused for all"]++
		return answer{reply: m.refuses}
	case at == phaseRcpt && ghost(c.to):
		m.refused["5.1.1 "+c.to]++
		m.happens["RCPT 550 5.1.1"]++
		return answer{reply: "550 5.1.1 no such user"}
	case at == phaseDot && m.percent > 0 && dice%300 == 7:
		m.refused["5.6.0 "+c.to]++
		m.happens["dot 554 5.6.0"]++
		return answer{reply: "554 5.6.0 cannot be delivered"}
	}
	list := troubles[at]
	if len(list) == 0 || int(dice>>8%100) >= m.percent {
		if at == phaseDot { // so that letters are under way when things happen
			return answer{wait: time.Duration(dice>>20%6) * time.Millisecond}
		}
		return answer{}
	}
	a := list[int(dice>>16)%len(list)]
	m.happens[string(at)+" "+a.String()]++
	return a
}

// String names what an answer does.
func (a answer) String() string {
	switch {
	case a.lose:
		return "answer lost"
	case a.wait > 0:
		return "late answer"
	case a.reply == "":
		return "hangup"
	}
	return a.reply
}
