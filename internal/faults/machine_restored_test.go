package faults

import (
	"strings"
	"sync/atomic"
	"testing"
)

// stuck is a blog whose daemon was killed in the middle of an issue, right after
// a backup: 20 letters had an answer, the next ones wait for theirs.
func stuck(t *testing.T) *Blog {
	t.Helper()
	var dots atomic.Int32
	waits, free := make(chan bool), make(chan bool)
	sink := NewSink(t, func(s *Sink) {
		s.Script = func(phase string, _ *Talk) string {
			if phase == "dot" && dots.Add(1) > 20 {
				if dots.Load() == 23 { // three under way, whatever is kept for notices
					close(waits)
				}
				<-free
			}
			return ""
		}
	})
	b := NewBlog(t, Options{Readers: 60, Connections: 4, Sink: sink})
	b.OK("run")
	b.Post()
	p := b.Start("serve")
	<-waits
	b.OK("backup", b.Path("backup.db"))
	p.Kill()
	p.Wait()
	close(free)
	sink.Reaches(23, nil)
	b.OK("restore", b.Path("backup.db"), "--replace")
	return b
}

// says runs a command and looks for words in what it says.
func (b *Blog) says(code int, words string, args ...string) {
	b.T.Helper()
	if said, got := b.Run(args...); got != code || !strings.Contains(said, words) {
		b.T.Errorf("%s ended with %d, want %d and %q:\n%s", args, got, code, words, said)
	}
}

func TestAHeldIssueSaysSoAndGoesOnWhenItsOwnerWants(t *testing.T) {
	t.Parallel()
	b := stuck(t)
	b.says(0, "Held: issue 1", "resume", "--open", "hold")
	b.says(4, "of held issues wait for you", "run")
	b.says(0, "held, ", "issues", "list")
	b.says(0, "tidings issues cancel 1 ends it", "issues", "show", "1")
	b.says(4, "held: issue 1", "doctor", "--timeout", "1s")
	if n := b.Sink.Count(); n > 24 {
		t.Errorf("%d letters went out of a held issue", n-24)
	}
	b.says(0, "issue 1 is held no longer: ", "issues", "retry", "1")
	b.OK("run")
	b.Expect(1, 24, "60 recipients: 60 sent; finished; 0 missing, at most 24 extra")
}

func TestAnIssueThatIsTakenAsMailedGoesToNobodyAgain(t *testing.T) {
	t.Parallel()
	b := stuck(t)
	went := b.Sink.Count()
	b.says(0, "Ended as mailed: issue 1", "resume", "--open", "done")
	b.says(0, "taken as mailed by the operator; it may have arrived", "issues", "who-got", "1", "--state", "cancelled")
	b.says(0, "0 letters sent, 0 left", "run")
	b.says(0, "no letter: there is nothing new", "send", "news", "--yes")
	if n := b.Sink.Count(); n != went {
		t.Errorf("%d letters went out again", n-went)
	}
}
