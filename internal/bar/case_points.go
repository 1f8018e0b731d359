package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// point is one fault at the n-th call of a thread.
type point struct {
	calls string // as strace names them
	fault string // "signal=KILL", "error=ENOSPC", "error=EIO"
	n     int
	files bool // only calls on the database's files
	enrol bool // while readers are imported, instead of a round with an issue
}

// String says where a point is.
func (p point) String() string {
	return fmt.Sprintf("%s at %s %d (import %v, database only %v)", p.fault, p.calls, p.n, p.enrol, p.files)
}

// pointReaders is the audience in the beginning; imports add to it.
const pointReaders = 30

// points makes system calls fail, or be the last one. strace counts per thread,
// so it is by its log that a point counts.
func points(t *trial) error {
	// Each lane has its share, so that what it does depends on the seed alone.
	const lanes = 2
	ctx, cancel := context.WithCancelCause(t.ctx)
	defer cancel(nil)
	var shares [lanes]tallied
	var total tallied
	var wg sync.WaitGroup
	for lane := range lanes {
		share := &shares[lane]
		share.kills, share.errors = t.pick(500, 24)/lanes, t.pick(200, 12)/lanes
		total.kills, total.errors = total.kills+share.kills, total.errors+share.errors
		wg.Go(func() {
			if err := t.lane(ctx, lane, share); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	for lane := range lanes {
		total.add(&shares[lane])
	}
	t.check(total.killed >= total.kills, "SIGKILLs that were seen to hit", total.killed, fmt.Sprint(total.kills))
	t.check(total.failed >= total.errors, "ENOSPC and EIO that were seen to hit", total.failed, fmt.Sprint(total.errors))
	t.check(true, "points whose call was never reached", total.unseen, "any")
	t.check(total.extras > 0, "extra copies", total.extras, "more than 0, at most the open connections of each point")
	t.check(total.letters > 0, "letters that went out", total.letters, "more than 0")
	t.none("points with another end than every letter sent, at most one extra per connection, sums that are the audience, and an intact database", total.wrong)
	return context.Cause(ctx)
}

// tallied is what the points of a lane came to.
type tallied struct {
	kills, errors                    int // wanted
	killed, failed, unseen, attempts int
	extras, letters                  int
	wrong                            []string
}

// more tells what is still wanted: a signal, an error, or nothing more.
func (a *tallied) more() (signal, fault bool) {
	a.attempts++
	if a.attempts > 4*(a.kills+a.errors) {
		return false, false
	}
	return a.killed < a.kills, a.failed < a.errors
}

// add adds what another lane came to.
func (a *tallied) add(b *tallied) {
	a.killed, a.failed, a.unseen = a.killed+b.killed, a.failed+b.failed, a.unseen+b.unseen
	a.extras, a.letters, a.wrong = a.extras+b.extras, a.letters+b.letters, append(a.wrong, b.wrong...)
}

// lane makes points in a world of its own until there are enough.
func (t *trial) lane(ctx context.Context, lane int, total *tallied) error {
	const connections = 4
	dice := t.dice(100 + uint64(lane))
	var w *world
	defer func() {
		if w != nil {
			w.close()
		}
	}()
	for n := 0; ctx.Err() == nil; n++ {
		signal, fault := total.more()
		if !signal && !fault {
			return nil
		}
		if n%40 == 0 { // a blog that grew slows the rounds down
			if w != nil {
				w.close()
			}
			var err error
			if w, err = t.world(fmt.Sprintf("lane-%d-%d", lane, n/40), setup{readers: pointReaders, connections: connections, signed: true}); err != nil {
				return err
			}
		}
		if err := t.point(w, choose(dice, signal, fault), connections, total); err != nil {
			return err
		}
		t.doing("%d of %d kills, %d of %d errors, %d were not reached in lane %d", total.killed, total.kills, total.failed, total.errors, total.unseen, lane)
	}
	return nil
}

// choose decides on a point; early calls of a thread are more likely to be reached.
func choose(dice *rand.Rand, signal, fault bool) point {
	p := point{fault: "signal=KILL", enrol: dice.IntN(8) == 0}
	if fault && (!signal || dice.IntN(3) == 0) {
		p.fault = []string{"error=ENOSPC", "error=EIO"}[dice.IntN(2)]
		p.files = dice.IntN(2) == 0
	}
	kind := dice.IntN(3)
	p.calls = []string{"write", "pwrite64", "fsync,fdatasync"}[kind]
	if p.files && kind == 0 {
		p.calls, kind = "pwrite64", 1 // a database is never written otherwise
	}
	most := []int{40, 120, 26}[kind]
	if p.enrol {
		most = []int{4, 60, 5}[kind]
	}
	u := dice.Float64()
	p.n = 1 + int(u*u*float64(most))
	return p
}

// point makes one fault and judges what the run after it comes to.
func (t *trial) point(w *world, p point, connections int, total *tallied) error {
	work := []string{"run"}
	if p.enrol {
		csv, err := w.enrolment()
		if err != nil {
			return err
		}
		work = []string{"subscribers", "import", csv, "--digest", "news", "--consent", "the bar"}
	} else if err := w.post(); err != nil {
		return err
	}
	hit, err := w.faulted(p, work...)
	if err != nil {
		return err
	}
	if p.enrol { // again, and then an issue for all
		if _, err := w.ok(work...); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		if err := w.post(); err != nil {
			return err
		}
	}
	wrong := w.mended(connections, total)
	switch {
	case !hit:
		total.unseen++
	case p.fault == "signal=KILL":
		total.killed++
	default:
		total.failed++
	}
	if wrong != nil {
		total.wrong = append(total.wrong, fmt.Sprintf("%s: %v", p, wrong))
	}
	return nil
}

// enrolment writes a list with a few more readers.
func (w *world) enrolment() (string, error) {
	text := "email\n"
	for range 3 {
		a := fmt.Sprintf("late%d@readers.example", len(w.more))
		w.more = append(w.more, a)
		text += a + "\n"
	}
	csv := filepath.Join(w.dir, "late.csv")
	return csv, os.WriteFile(csv, []byte(text), 0o644)
}

// faulted runs a command under strace, and tells whether the fault happened.
func (w *world) faulted(p point, args ...string) (bool, error) {
	trace := filepath.Join(w.dir, "strace")
	cmd := w.command(args...)
	strace := []string{"strace", "-f"}
	if p.fault != "signal=KILL" {
		strace = append(strace, "--seccomp-bpf") // quicker; signals do not work with it
	}
	strace = append(strace, "-o", trace, "-e", "signal=none", "-e", "trace="+p.calls,
		"-e", fmt.Sprintf("inject=%s:%s:when=%d", p.calls, p.fault, p.n))
	if p.files {
		for _, f := range []string{"tidings.db", "tidings.db-wal"} {
			strace = append(strace, "-P", filepath.Join(w.dir, f))
		}
	}
	cmd.Args = append(strace, cmd.Args...)
	if err := locate(cmd, "strace"); err != nil {
		return false, err
	}
	// A strace that is killed leaves its process alone: both belong to a group.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	run, err := w.launch(cmd)
	if err != nil {
		return false, err
	}
	if err := w.wait(run); err != nil {
		return false, err
	}
	if run.code != 0 {
		w.ends[run.number] = byFault
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		return false, err
	}
	if p.fault == "signal=KILL" {
		// The call that never returned, and a strace that ended as its process did.
		state, _ := run.cmd.ProcessState.Sys().(syscall.WaitStatus)
		hit := state.Signaled() && state.Signal() == syscall.SIGKILL && strings.Contains(string(text), "= ?")
		if hit {
			w.ends[run.number] = byForce
		}
		return hit, nil
	}
	return strings.Contains(string(text), "(INJECTED)"), nil
}

// remaining runs without a fault until the newest issue is finished, and
// returns all.
func (w *world) remaining() ([]issue, error) {
	p, err := w.start("run")
	if err != nil {
		return nil, err
	}
	if err := w.hurry(p); err != nil {
		return nil, err
	}
	list, err := w.issues()
	if err == nil && len(list) > 0 && list[0].State != "finished" {
		if err = w.settle(); err == nil {
			list, err = w.issues()
		}
	}
	return list, err
}

// mended runs without a fault, and says what is not as it should be then.
func (w *world) mended(connections int, total *tallied) error {
	if err := w.intact(); err != nil {
		return err
	}
	list, err := w.remaining()
	if err != nil {
		return err
	}
	if n := w.posts - 1; len(list) != n { // the first scan mails nobody
		return fmt.Errorf("%d issues of %d articles", len(list), n)
	}
	i := list[0]
	got := w.sink.tally(i.ID, w.audience(), w.ended)
	total.extras += got.extras
	total.letters += len(got.copies)
	all := len(w.audience())
	switch {
	case i.Recipients != all || i.States["sent"] != all || i.State != "finished":
		return fmt.Errorf("of %d readers %s: %s", all, i.states(), i.State)
	case len(got.missing) > 0:
		return fmt.Errorf("no letter for %s", few(got.missing))
	case got.extras > connections:
		return fmt.Errorf("%d extras over %d connections", got.extras, connections)
	case len(got.stray)+len(got.unlike)+len(got.strangers) > 0:
		return fmt.Errorf("%s %s %s", few(got.stray), few(got.unlike), few(got.strangers))
	}
	return nil
}
