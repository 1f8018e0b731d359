package faults

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a running tidings.
type Process struct {
	t     testing.TB
	cmd   *exec.Cmd
	log   *log
	ended chan struct{}
	err   error
}

// log is what a process says, readable while it speaks.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
	news chan struct{} // closed and replaced at each word
}

// Write implements io.Writer.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.news)
	l.news = make(chan struct{})
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// patience is how long the suite waits for what must come.
const patience = 60 * time.Second

// start runs a command line. It is killed at the end of the test.
func start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{t: t, cmd: cmd, log: &log{news: make(chan struct{})}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		<-p.ended
	})
	return p
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal; a process that has ended gets none.
func (p *Process) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(err)
	}
}

// Kill ends the process as a power cut would, but for the disk.
func (p *Process) Kill() { p.Signal(syscall.SIGKILL) }

// Term asks the process to end.
func (p *Process) Term() { p.Signal(syscall.SIGTERM) }

// Wait waits for the end and returns the exit code, -1 after a signal.
func (p *Process) Wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("the process does not end: %s", p.log)
	}
	var exit *exec.ExitError
	if p.err != nil && !errors.As(p.err, &exit) {
		p.t.Fatal(p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// Killed tells, once the process has ended, whether a signal ended it.
func (p *Process) Killed() bool {
	w, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && w.Signaled()
}

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Said is all that the process has said.
func (p *Process) Said() string { return p.log.String() }

// Await waits until the process has said something.
func (p *Process) Await(words string) {
	p.t.Helper()
	if !p.Says(words) {
		p.t.Fatalf("it does not say %q: %s", words, p.log)
	}
}

// AwaitAgain waits until the process has said something so many times.
func (p *Process) AwaitAgain(words string, times int) {
	p.t.Helper()
	if !p.says(words, times) {
		p.t.Fatalf("it does not say %q %d times: %s", words, times, p.log)
	}
}

// Says waits for words, and tells whether they came before the end.
func (p *Process) Says(words string) bool { return p.says(words, 1) }

func (p *Process) says(words string, times int) bool {
	deadline := time.After(patience)
	for {
		p.log.mu.Lock()
		said, news := strings.Count(p.log.text.String(), words) >= times, p.log.news
		p.log.mu.Unlock()
		if said {
			return true
		}
		select {
		case <-news:
		case <-p.ended:
			return strings.Count(p.log.String(), words) >= times
		case <-deadline:
			return false
		}
	}
}
