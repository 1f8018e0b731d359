package faults

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Outcome is what became of an issue, said by the program and by the server.
type Outcome struct {
	ID         int            `json:"ID"` // in Message-IDs
	Recipients int            `json:"recipients"`
	States     map[string]int `json:"states"`
	State      string         `json:"state"`
	// Missing readers got no letter, Extra counts copies, Differing the copies
	// that are not the same letter, byte for byte.
	Missing, Extra, Differing int
}

// Outcome asks for the fate of an issue. Letters belong to it by their
// Message-IDs, which begin with its number.
func (b *Blog) Outcome(issue int) Outcome {
	b.T.Helper()
	var o Outcome
	b.JSON(&o, "issues", "show", fmt.Sprint(issue))
	first := map[string]Letter{}
	for _, l := range b.Sink.Letters() {
		if !strings.HasPrefix(l.ID, fmt.Sprintf("<%d.", o.ID)) {
			continue
		}
		before, seen := first[l.To]
		if !seen {
			first[l.To] = l
			continue
		}
		o.Extra++
		if before.ID != l.ID || before.Sum != l.Sum {
			o.Differing++
		}
	}
	for i := range b.o.Readers {
		if _, got := first[Reader(i+1)]; !got {
			o.Missing++
		}
	}
	return o
}

// String is a row of a golden table, with the extra copies where there are none
// or they are more than the connections: how many a crash costs is chance.
func (o Outcome) String() string { return o.Row(0) }

// Row is String where a number of extra copies is allowed.
func (o Outcome) Row(allowed int) string {
	var states []string
	for _, s := range slices.Sorted(maps.Keys(o.States)) {
		if o.States[s] > 0 {
			states = append(states, fmt.Sprintf("%d %s", o.States[s], s))
		}
	}
	extra := fmt.Sprintf("%d extra", o.Extra)
	if allowed > 0 && o.Extra <= allowed {
		extra = fmt.Sprintf("at most %d extra", allowed)
	}
	row := fmt.Sprintf("%d recipients: %s; %s; %d missing, %s", o.Recipients, strings.Join(states, ", "), o.stands(), o.Missing, extra)
	if o.Differing > 0 {
		row += fmt.Sprintf(", %d COPIES DIFFER", o.Differing)
	}
	return row
}

// stands says how the issue stands, and by what it does so.
func (o Outcome) stands() string {
	open := 0
	for _, s := range []string{"queued", "leased", "inflight", "deferred", "unknown"} {
		open += o.States[s]
	}
	switch missing := o.Recipients - o.States["sent"]; {
	case (open == 0) != (o.State == "finished"):
		return fmt.Sprintf("SAYS %q WITH %d OPEN", o.State, open)
	case open > 0:
		return fmt.Sprintf("%d open", open)
	case missing > 0:
		return fmt.Sprintf("finished, %d undelivered", missing)
	}
	return "finished"
}

// Expect compares the outcome of an issue with its row of the golden table,
// where so many extra copies are allowed.
func (b *Blog) Expect(issue, allowed int, want string) {
	b.T.Helper()
	o := b.Outcome(issue)
	got := o.Row(allowed)
	if allowed > 0 && o.Extra <= allowed {
		b.T.Logf("%d extra of %d allowed", o.Extra, allowed)
	}
	if got != want {
		b.T.Errorf("what became of issue %d:\n got %s\nwant %s", issue, got, want)
	}
}

// Finish runs rounds until nothing is left, or nothing moves.
func (b *Blog) Finish() {
	b.T.Helper()
	for range 10 {
		said, code := b.Run("run")
		switch code {
		case 0:
			return
		case 75:
			continue // the server is away, or letters wait for their time
		}
		b.T.Fatalf("a round ends with %d: %s", code, said)
	}
}
