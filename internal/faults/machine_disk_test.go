package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// strace makes system calls of the static binary fail, or ends it at one.
func strace(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("the judge strace is not installed: apt-get install strace")
	}
	if out, err := exec.Command(path, "-f", "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		t.Skipf("the judge strace may not trace here: %v: %s", err, out)
	}
	return path
}

// Writing calls are those by which the database, its log and its mark reach the
// disk. strace counts for each thread apart, so a point counts only if the fault
// was seen.
const writing = "pwrite64,fsync,fdatasync,ftruncate"

// runUnder runs a command with a fault at the n-th call of a thread, and tells
// whether it came.
func (b *Blog) runUnder(tracer, calls, fault string, n int, args ...string) (seen bool, p *Process) {
	b.T.Helper()
	notes := b.Path("strace.txt")
	p = b.StartUnder([]string{tracer, "-f", "-qq", "-o", notes, "-e", "trace=" + calls, "-e", fmt.Sprintf("inject=%s:%s:when=%d", calls, fault, n)}, args...)
	p.Wait()
	text, err := os.ReadFile(notes)
	if err != nil {
		b.T.Fatal(err)
	}
	return strings.Contains(string(text), "INJECTED") || strings.Contains(string(text), "killed by SIGKILL"), p
}

// TestASenderThatDiesAtAWriteLosesNoLetter ends the process at the n-th call
// that writes, whatever it wrote.
func TestASenderThatDiesAtAWriteLosesNoLetter(t *testing.T) {
	t.Parallel()
	tracer := strace(t)
	const connections = 2
	b := NewBlog(t, Options{Readers: 60, Connections: connections})
	points := 0
	for i, n := range []int{1, 2, 3, 5, 8, 13, 21, 34} {
		b.Post()
		before := b.Sink.Count()
		seen, _ := b.runUnder(tracer, writing, "signal=KILL", n, "run")
		if seen {
			points++
		}
		b.Finish()
		b.Expect(i+1, connections, "60 recipients: 60 sent; finished; 0 missing, at most 2 extra")
		if b.Sink.Count() < before+60 {
			t.Errorf("%d letters came of a post", b.Sink.Count()-before)
		}
	}
	if points < 4 {
		t.Errorf("only %d of the faults were seen", points)
	}
}

// TestADiskThatIsFullOrFailsLosesNoLetter lets the n-th write fail.
func TestADiskThatIsFullOrFailsLosesNoLetter(t *testing.T) {
	t.Parallel()
	tracer := strace(t)
	for _, fault := range []struct{ name, calls, inject string }{
		{"full", "pwrite64", "error=ENOSPC"},
		{"failing to write", "pwrite64", "error=EIO"},
		{"failing to sync", "fsync,fdatasync", "error=EIO"},
	} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			const connections = 2
			b := NewBlog(t, Options{Readers: 60, Connections: connections})
			points := 0
			for i, n := range []int{1, 2, 3, 5, 9, 20} {
				b.Post()
				seen, _ := b.runUnder(tracer, fault.calls, fault.inject, n, "run")
				if seen {
					points++
				}
				b.Finish()
				b.Expect(i+1, connections, "60 recipients: 60 sent; finished; 0 missing, at most 2 extra")
			}
			if points < 3 {
				t.Errorf("only %d of the faults were seen", points)
			}
		})
	}
}

// TestABackupWithoutRoomSaysItOnce lets the copy fail at its first page, and at
// its last.
func TestABackupWithoutRoomSaysItOnce(t *testing.T) {
	t.Parallel()
	tracer := strace(t)
	b := NewBlog(t, Options{Readers: 3})
	dest := b.Path("kept.db")
	for _, when := range []string{"1+", "20+"} {
		p := b.StartUnder([]string{tracer, "-f", "-qq", "-o", b.Path("strace.txt"), "-P", b.Path(".kept.db.partial"),
			"-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=" + when}, "backup", dest)
		code := p.Wait()
		want := "tidings: backup " + dest + ": the disk there is full: make room, or name a place on another disk\n"
		if code != 1 || p.Said() != want {
			t.Errorf("from write %s on it ends with %d and says\n%s", when, code, p.Said())
		}
		if left, err := filepath.Glob(b.Path("*kept*")); err != nil || len(left) > 0 {
			t.Errorf("%s is left, %v", left, err)
		}
	}
}
