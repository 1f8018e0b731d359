package main

import (
	"strings"
	"testing"
)

// history is what happened to one reader of issue 1, about article 1.
type history struct {
	reader  known
	copies  []taken
	refused refusedBy
	stopped bool
	state   string
	// blamed is in what the model says; "" for nothing.
	blamed string
}

func TestModelExplainsOnlyWhatHappened(t *testing.T) {
	t.Parallel()
	before := known{since: 1}
	answered := taken{seq: 20, prior: 15, id: "1.x@y", hash: 7}
	lost := taken{seq: 20, prior: 15, id: "1.x@y", hash: 7, lost: true}
	again := taken{seq: 30, prior: 25, id: "1.x@y", hash: 7}
	other := taken{seq: 30, prior: 25, id: "1.x@y", hash: 8}
	renamed := taken{seq: 30, prior: 25, id: "1.z@y", hash: 7}
	for name, h := range map[string]history{
		"sent":                             {reader: before, copies: []taken{answered}, state: "sent"},
		"sent and nothing came":            {reader: before, state: "sent", blamed: "answered with 250"},
		"sent and the answer was lost":     {reader: before, copies: []taken{lost}, state: "sent", blamed: "answered with 250"},
		"sent after a lost answer":         {reader: before, copies: []taken{lost, again}, state: "sent"},
		"twice for no reason":              {reader: before, copies: []taken{answered, again}, state: "sent", blamed: "nothing explains"},
		"twice with other bytes":           {reader: before, copies: []taken{lost, other}, state: "sent", blamed: "differ"},
		"twice with another Message-ID":    {reader: before, copies: []taken{lost, renamed}, state: "sent", blamed: "differ"},
		"skipped after having left":        {reader: known{since: 1, begun: 12, gone: 13}, state: "skipped"},
		"skipped and still there":          {reader: before, state: "skipped", blamed: "never left"},
		"left, and an intent after it":     {reader: known{since: 1, begun: 12, gone: 13}, copies: []taken{answered}, state: "sent", blamed: "whose intent came after"},
		"left, and an intent before it":    {reader: known{since: 1, begun: 16, gone: 17}, copies: []taken{answered}, state: "sent"},
		"cancelled and erased":             {reader: known{since: 1, begun: 12, gone: 13, erased: true}, state: "cancelled"},
		"cancelled and not erased":         {reader: before, state: "cancelled", blamed: "not erased"},
		"cancelled with the issue":         {reader: before, stopped: true, state: "cancelled"},
		"bounced and refused":              {reader: known{since: 1, ghost: true}, refused: refusedBy{"5.1.1 reader": 1}, state: "bounced"},
		"bounced and never refused":        {reader: before, state: "bounced", blamed: "never said"},
		"failed and refused":               {reader: before, refused: refusedBy{"5.6.0 reader": 1}, state: "failed"},
		"failed and never refused":         {reader: before, state: "failed", blamed: "never refused"},
		"open":                             {reader: before, copies: []taken{answered}, state: "deferred", blamed: "no final state"},
		"expired":                          {reader: before, state: "expired", blamed: "no final state"},
		"left before the article, and got": {reader: known{since: 1, begun: 4, gone: 5}, state: "skipped", blamed: "before the article was written"},
	} {
		m := h.judged()
		said := strings.Join(m.wrong, "; ")
		if (said == "") != (h.blamed == "") || !strings.Contains(said, h.blamed) {
			t.Errorf("%s: the model says %q, want %q", name, said, h.blamed)
		}
	}
}

// judged lets the model judge the history.
func (h history) judged() *model {
	m, s := newModel(), &sink{letters: map[string][]*taken{}}
	m.articles[1] = 10
	k := h.reader
	k.names = []string{"reader"}
	m.readers[1], m.byName["reader"] = &k, &k
	m.stopped[1] = h.stopped
	for _, c := range h.copies {
		c.conn, c.to = &conn{}, "reader"
		s.letters[c.id] = append(s.letters[c.id], &c)
	}
	i := issue{ID: 1, Number: 1, Label: "tag:x,2026:/article-1", Recipients: 1, States: map[string]int{h.state: 1}}
	m.judge(i, []fate{{Subscriber: 1, Address: "reader", State: h.state}}, s, h.refused, func(int) ending { return byItself })
	return m
}

func TestModelMissesWhoIsNotInAnIssue(t *testing.T) {
	t.Parallel()
	m := newModel()
	m.articles[1] = 10
	m.meet(person{ID: 1, Address: "a@x"}, 1)
	m.meet(person{ID: 2, Address: "late@x"}, 11)
	m.judge(issue{ID: 1, Number: 1, Label: "/article-1"}, nil, &sink{}, nil, nil)
	if len(m.wrong) != 1 || !strings.Contains(m.wrong[0], "a@x was there all the time") {
		t.Errorf("the model says %q", m.wrong)
	}
}

func TestModelSeesSumsThatAreNotTheList(t *testing.T) {
	t.Parallel()
	m := newModel()
	m.articles[1] = 10
	m.judge(issue{ID: 1, Number: 1, Label: "/article-1", Recipients: 2, States: map[string]int{"sent": 2}}, nil, &sink{}, nil, nil)
	if len(m.wrong) != 2 {
		t.Errorf("the model says %q", m.wrong)
	}
}

func TestModelKnowsWhoMayBeWhat(t *testing.T) {
	t.Parallel()
	m := newModel()
	for n, address := range []string{"there@x", "left@x", "erased@x", "blocked@x", "victim@x"} {
		m.meet(person{ID: int64(n), Address: address}, 1)
		m.byName[address].ghost = false
	}
	m.byName["left@x"].begun, m.byName["left@x"].gone = 5, 6
	m.byName["erased@x"].erased = true
	m.byName["blocked@x"].begun, m.byName["blocked@x"].gone, m.byName["blocked@x"].blocked = 5, 6, true
	m.people([]person{{0, "there@x", "active"}, {1, "left@x", "unsubscribed"}, {3, "blocked@x", "active"}, {4, "victim@x", "bounced"}})
	if len(m.wrong) != 1 || !strings.Contains(m.wrong[0], "victim@x is bounced") {
		t.Errorf("the model says %q", m.wrong)
	}
}
