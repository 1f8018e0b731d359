package store

import (
	"testing"
	"testing/synctest"
	"time"
)

// letter is a write of the kind that a commit waits for.
func letter() *write { return &write{quick: func(*quick) (bool, error) { return true, nil }} }

// arriving hands n letters to a queue, one every gap.
func arriving(n int, gap time.Duration) chan *write {
	queue := make(chan *write, groupLimit)
	go func() {
		for range n {
			<-time.After(gap)
			queue <- letter()
		}
	}()
	return queue
}

func TestCommitWaitsForAsManyLettersAsCameTogetherBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gathering
		g.done([]*write{letter(), letter(), letter(), letter()})
		began := time.Now()
		jobs := g.gather(arriving(10, 100*time.Microsecond), letter())
		if took := time.Since(began); len(jobs) != 4 || took != 300*time.Microsecond {
			t.Errorf("%d letters shared a commit after %v, want 4 after 300µs", len(jobs), took)
		}
		<-time.After(time.Second)
	})
}

func TestCommitWaitsForNobodyLongerThanAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gathering
		g.done([]*write{letter(), letter()})
		began := time.Now()
		jobs := g.gather(make(chan *write), letter())
		if took := time.Since(began); len(jobs) != 1 || took != company {
			t.Errorf("%d letters were committed after %v, want 1 after %v", len(jobs), took, company)
		}
	})
}

func TestOnlyLettersOfABusyWriterWaitForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gathering
		began := time.Now()
		at := func(what string, jobs []*write, want int) {
			t.Helper()
			if took := time.Since(began); len(jobs) != want || took != 0 {
				t.Errorf("%s: %d writes after %v, want %d at once", what, len(jobs), took, want)
			}
		}
		at("the first of all", g.gather(make(chan *write), letter()), 1)
		g.done([]*write{letter(), letter(), letter()})
		at("a write that is no letter", g.gather(make(chan *write), &write{}), 1)
		queue := make(chan *write, 1)
		queue <- &write{}
		at("a letter that another write came with", g.gather(queue, letter()), 2)
		<-time.After(2 * company)
		began = time.Now()
		at("a letter after a rest", g.gather(make(chan *write), letter()), 1)
	})
}

func TestCommitsLearnOfMoreConnectionsAndForgetThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gathering
		g.done([]*write{letter(), letter()})
		largest := 0
		for range 2 * crowdMemory {
			jobs := g.gather(arriving(11, time.Microsecond), letter())
			largest = max(largest, len(jobs))
			g.done(jobs)
			<-time.After(50 * time.Microsecond)
		}
		if largest != 12 {
			t.Errorf("at most %d letters shared a commit, want all 12", largest)
		}
		for range crowdMemory {
			g.done([]*write{letter()})
		}
		if got := g.expected(); got != 1 {
			t.Errorf("%d letters are expected once one connection is left", got)
		}
	})
}
