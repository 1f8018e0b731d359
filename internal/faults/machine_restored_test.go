package faults

import (
	"bytes"
	"regexp"
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

func TestACancelledIssueIsNotTriedAgainAndSaysSo(t *testing.T) {
	t.Parallel()
	b := stuck(t)
	b.says(0, "Held: issue 1", "resume")
	b.says(0, "letters cancelled", "issues", "cancel", "1")
	b.says(4, "issue 1 was cancelled: nothing of it goes again; posts of it that readers lack come with the next issue, or now by tidings send news", "issues", "retry", "1")
}

// TestAHeldIssueIsDecidedByASecondResume, too: whoever resumed without a choice
// may still make one.
func TestAHeldIssueIsDecidedByASecondResume(t *testing.T) {
	t.Parallel()
	t.Run("send", func(t *testing.T) {
		t.Parallel()
		b := stuck(t)
		b.says(0, "Held: issue 1", "resume")
		b.says(0, "Held: issue 1: tidings issues retry NUMBER", "resume")
		b.says(0, "Open: issue 1", "resume", "--open", "send")
		b.OK("run")
		b.Expect(1, 24, "60 recipients: 60 sent; finished; 0 missing, at most 24 extra")
	})
	t.Run("done", func(t *testing.T) {
		t.Parallel()
		b := stuck(t)
		went := b.Sink.Count()
		b.says(0, "Held: issue 1", "resume")
		b.says(0, "Ended as mailed: issue 1", "resume", "--open", "done")
		b.says(0, "0 letters sent, 0 left", "run")
		b.says(0, "no letter: there is nothing new", "send", "news", "--yes")
		if n := b.Sink.Count(); n != went {
			t.Errorf("%d letters went out again", n-went)
		}
	})
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

// TestWhatARestoredBackupMailsAgainDiffersByItsDateAlone: the backup was made
// before a letter went, and cannot know when the first one did.
func TestWhatARestoredBackupMailsAgainDiffersByItsDateAlone(t *testing.T) {
	t.Parallel()
	waits, free := make(chan bool, 1), make(chan bool)
	sink := NewSink(t, func(s *Sink) {
		s.Texts = true
		s.Script = func(phase string, _ *Talk) string {
			if phase == "mail" {
				select {
				case waits <- true:
				default:
				}
				<-free
			}
			return ""
		}
	})
	b := NewBlog(t, Options{Readers: 12, Connections: 1, Sink: sink})
	b.Write("clock", "0s")
	b.Env = []string{"TIDINGS_CLOCK=" + b.Path("clock")}
	b.Post()
	p := b.Start("serve")
	<-waits
	b.OK("backup", b.Path("backup.db"))
	close(free)
	sink.Await(12)
	p.Kill()
	p.Wait()
	b.OK("restore", b.Path("backup.db"), "--replace")
	b.Write("clock", "1h")
	b.OK("resume", "--open", "send")
	b.OK("run")
	date := regexp.MustCompile(`(?m)^(Date|DKIM-Signature):.*\r\n([ \t].*\r\n)*`)
	first, other := map[string]Letter{}, 0
	for _, l := range sink.Letters() {
		before, again := first[l.To]
		if !again {
			first[l.To] = l
			continue
		}
		if l.ID != before.ID || !bytes.Equal(date.ReplaceAll(l.Text, nil), date.ReplaceAll(before.Text, nil)) {
			t.Errorf("%s got another letter: %s after %s", l.To, l.ID, before.ID)
		}
		if l.Sum != before.Sum {
			other++
		}
	}
	// The first one's intent, with its date, was in the backup.
	if len(first) != 12 || other != 11 {
		t.Errorf("%d readers got letters, %d of them a copy with another date; want 12 and 11", len(first), other)
	}
}
