package faults

import (
	"sync"
	"testing"
)

// TestAClockThatJumpsExpiresNothing sets the clock a year ahead while an issue
// goes out to a server that greylists, and then a day behind where it was.
func TestAClockThatJumpsExpiresNothing(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	grey, asked := true, map[string]int{}
	script := func(phase string, talk *Talk) string {
		mu.Lock()
		defer mu.Unlock()
		if phase != "rcpt" {
			return ""
		}
		asked[talk.To]++
		if grey && talk.To <= Reader(20) {
			return "450 4.2.0 greylisted, come back later"
		}
		return ""
	}
	sink := NewSink(t, func(s *Sink) { s.Script = script })
	b := NewBlog(t, Options{Readers: 60, Sink: sink})
	b.Write("clock", "0s")
	b.Env = []string{"TIDINGS_CLOCK=" + b.Path("clock")}
	b.Post()
	if said, code := b.Run("run"); code != 75 {
		t.Fatalf("a round before a server that greylists ends with %d: %s", code, said)
	}
	b.Expect(1, 0, "60 recipients: 20 deferred, 40 sent; 20 open; 20 missing, 0 extra")
	b.Write("clock", "8760h")
	if said, code := b.Run("run"); code != 75 {
		t.Fatalf("a year ahead a round ends with %d: %s", code, said)
	}
	b.Expect(1, 0, "60 recipients: 20 deferred, 40 sent; 20 open; 20 missing, 0 extra")
	mu.Lock()
	grey = false
	mu.Unlock()
	b.Write("clock", "-24h") // what was put off a year ahead is not waited for
	b.Finish()
	b.Expect(1, 0, "60 recipients: 60 sent; finished; 0 missing, 0 extra")
	b.Post()
	b.Finish()
	b.Write("clock", "0s")
	b.Finish()
	b.Expect(2, 0, "60 recipients: 60 sent; finished; 0 missing, 0 extra")
}
