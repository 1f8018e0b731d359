package faults

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"
)

// readers is how many a blog of the short form has.
const readers = 240

// TestEveryReaderGetsOneLetter is the table's first row: nothing goes wrong.
func TestEveryReaderGetsOneLetter(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: readers})
	b.Post()
	b.OK("run")
	b.Expect(1, 0, "240 recipients: 240 sent; finished; 0 missing, 0 extra")
}

// TestASenderThatIsKilledLosesNoLetter kills the process at random instants. A
// kill counts where a letter went out since the last one.
func TestASenderThatIsKilledLosesNoLetter(t *testing.T) {
	t.Parallel()
	const connections = 4
	b := NewBlog(t, Options{Readers: readers, Connections: connections})
	b.Post()
	dice, kills := rand.New(rand.NewPCG(1, 2)), 0
	for b.Sink.Count() < readers-40 {
		p := b.Start("run")
		before := b.Sink.Count()
		if !b.Sink.Reaches(before+1+dice.IntN(40), p.Ended()) {
			break
		}
		p.Kill()
		p.Wait()
		if p.Killed() && b.Sink.Count() > before {
			kills++
		}
	}
	b.Finish()
	if kills < 3 {
		t.Errorf("only %d kills counted", kills)
	}
	b.Expect(1, kills*connections, fmt.Sprintf("240 recipients: 240 sent; finished; 0 missing, at most %d extra", kills*connections))
}

func TestADaemonThatIsToldToEndLeavesNothingInDoubt(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: readers})
	b.Post()
	p := b.Start("serve")
	b.Sink.Await(readers / 3)
	told := time.Now()
	p.Term()
	if code := p.Wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.Said())
	}
	if took := time.Since(told); took > 5*time.Second {
		t.Errorf("it took %s to end", took)
	}
	b.OK("run")
	b.Expect(1, 0, "240 recipients: 240 sent; finished; 0 missing, 0 extra")
}

// TestANewConfigurationLosesNoLetter reads it again while an issue goes out, a
// broken one first.
func TestANewConfigurationLosesNoLetter(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: readers})
	b.Post()
	p := b.Start("serve")
	b.Sink.Await(readers / 6)
	b.Write("tidings.toml", "broken = \n")
	p.Signal(syscall.SIGHUP)
	p.Await("the new configuration is refused, the old one stays")
	b.Write("tidings.toml", strings.Replace(b.Config(), "connections = 4", "connections = 2", 1))
	p.Signal(syscall.SIGHUP)
	p.Await("the new configuration is in force")
	b.Sink.Await(readers)
	p.Term()
	if code := p.Wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.Said())
	}
	b.Expect(1, 0, "240 recipients: 240 sent; finished; 0 missing, 0 extra")
}

// TestANewConfigurationGrantsNoMoreLetters reloads while the limit of a minute
// is reached, and lets the minute pass by the ledger's clock.
func TestANewConfigurationGrantsNoMoreLetters(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: readers, SMTP: "per_minute = 20"})
	b.Write("clock", "0s")
	b.Env = []string{"TIDINGS_CLOCK=" + b.Path("clock")}
	b.Post()
	p := b.Start("serve")
	b.Sink.Await(20)
	for n := range 3 {
		b.Write("tidings.toml", b.Config()+fmt.Sprintf("# change %d\n", n))
		p.Signal(syscall.SIGHUP)
		p.AwaitAgain("the new configuration is in force", n+1)
		b.OK("status") // a while in which it could mail
	}
	if n := b.Sink.Count(); n > 20 {
		t.Errorf("%d letters in a minute of 20", n)
	}
	b.Write("clock", "62s")
	b.Sink.Await(21)
	p.Term()
	if code := p.Wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.Said())
	}
	if n := b.Sink.Count(); n > 40 {
		t.Errorf("%d letters in two minutes of 20 each", n)
	}
}

// TestASenderThatSleepsLosesNoLetter stops the process as a laptop that is shut
// does; the server hangs up meanwhile.
func TestASenderThatSleepsLosesNoLetter(t *testing.T) {
	t.Parallel()
	const connections = 4
	b := NewBlog(t, Options{Readers: readers, Connections: connections})
	b.Post()
	p := b.Start("serve")
	b.Sink.Await(readers / 3)
	p.Signal(syscall.SIGSTOP)
	b.Sink.HangUp()
	p.Signal(syscall.SIGCONT)
	b.Sink.Await(readers)
	p.Term()
	if code := p.Wait(); code != 0 {
		t.Errorf("exit code %d: %s", code, p.Said())
	}
	b.Finish()
	b.Expect(1, connections, "240 recipients: 240 sent; finished; 0 missing, at most 4 extra")
}
