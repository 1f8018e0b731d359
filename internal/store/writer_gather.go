package store

import (
	"slices"
	"time"
)

const (
	// groupLimit bounds how many writes share one commit.
	groupLimit = 256
	// company is how long a commit waits for others at most. It costs the disk
	// and the processor the same for one write as for many.
	company = time.Millisecond
	// crowdMemory is how many commits an expectation comes from.
	crowdMemory = 16
)

// gathering decides whom a commit waits for. Connections that send letters come
// back for their next one as soon as the last was taken: as many as came
// together a moment ago will come again. Where the writer has had nothing to do
// nobody waits.
type gathering struct {
	sizes [crowdMemory]int // of the last commits, letters alone
	next  int
	ended time.Time // of the last commit
	timer *time.Timer
}

// gather returns first and what comes to share its commit.
func (c *gathering) gather(queue <-chan *write, first *write) []*write {
	jobs := append(make([]*write, 0, 2*crowdMemory), first)
	jobs = present(queue, jobs)
	want := c.expected()
	other := func(j *write) bool { return j.quick == nil }
	if len(jobs) >= want || time.Since(c.ended) > company || slices.ContainsFunc(jobs, other) {
		return jobs
	}
	if c.timer == nil {
		c.timer = time.NewTimer(company)
	} else {
		c.timer.Reset(company)
	}
	defer c.timer.Stop()
	for len(jobs) < want {
		select {
		case j := <-queue:
			jobs = append(jobs, j)
			if other(j) {
				want = 0 // somebody waits for an answer
			}
		case <-c.timer.C:
			want = 0
		}
	}
	return present(queue, jobs)
}

// present adds what is there already.
func present(queue <-chan *write, jobs []*write) []*write {
	for len(jobs) < groupLimit {
		select {
		case j := <-queue:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

// expected is how many letters come together at most. Twice in its memory it
// waits for whoever may come: the connections may have become more.
func (c *gathering) expected() (most int) {
	for _, n := range c.sizes {
		most = max(most, n)
	}
	if most > 1 && c.next%(crowdMemory/2) == 0 {
		return groupLimit
	}
	return most
}

// done notes a commit.
func (c *gathering) done(jobs []*write) {
	letters := 0
	for _, j := range jobs {
		if j.quick != nil {
			letters++
		}
	}
	if letters > 0 {
		c.sizes[c.next] = letters
		c.next = (c.next + 1) % crowdMemory
	}
	c.ended = time.Now()
}
