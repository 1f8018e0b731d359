package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// process is a tidings that runs.
type process struct {
	number int // as the sink counts them
	cmd    *exec.Cmd
	log    string // the file of its standard error
	ended  chan struct{}
	code   int // after its end; -1 for a signal
}

// start starts a command and does not wait for it.
func (w *world) start(args ...string) (*process, error) {
	return w.launch(w.command(args...))
}

func (w *world) launch(cmd *exec.Cmd) (*process, error) {
	p := &process{number: w.sink.begin(), cmd: cmd, ended: make(chan struct{})}
	p.log = filepath.Join(w.dir, "log-"+strconv.Itoa(p.number))
	f, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cmd.Stderr = f
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	w.procs = append(w.procs, p)
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // the state tells it
		p.code = cmd.ProcessState.ExitCode()
	}()
	return p, nil
}

// running tells whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// signal sends a signal; a process that ended needs none.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// said is what the process wrote to standard error.
func (p *process) said() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// ending says how a process came to its end: what it may have left in doubt.
type ending int

const (
	byItself ending = iota
	byForce         // killed: the last letter of each connection is in doubt
	byFault         // it gave up: the same, though it may have said goodbye
)

// unborn tells that a signal ended the process before it listened to signals, and
// did anything.
func (p *process) unborn() bool {
	state, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return state.Signaled() && state.Signal() != syscall.SIGKILL && p.said() == ""
}

// ended tells the tally how a process ended.
func (w *world) ended(number int) ending { return w.ends[number] }

// kill ends a process by force and waits for its end.
func (w *world) kill(p *process) {
	w.ends[p.number] = byForce
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// stop ends a process politely, and says how long that took.
func (w *world) stop(p *process) (time.Duration, error) {
	begun := time.Now()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		w.kill(p)
		return time.Since(begun), fmt.Errorf("process did not end within a minute of SIGTERM: %s", lastLine(p.said()))
	}
	if p.code != 0 && !p.unborn() {
		return time.Since(begun), fmt.Errorf("process ended with code %d after SIGTERM: %s", p.code, lastLine(p.said()))
	}
	return time.Since(begun), nil
}

// until asks again and again until something is so, the context ends, or the
// process does.
func (w *world) until(p *process, what string, so func() (bool, error)) error {
	for {
		if yes, err := so(); yes || err != nil {
			return err
		}
		var ended <-chan struct{}
		if p != nil {
			ended = p.ended
		}
		select {
		case <-w.ctx.Done():
			return fmt.Errorf("%s: %w", what, w.ctx.Err())
		case <-ended:
			return fmt.Errorf("%s: the process ended with code %d: %s", what, p.code, lastLine(p.said()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// locate finds the program of a command whose arguments were changed.
func locate(cmd *exec.Cmd, name string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("%w: the package %s has it", err, name)
	}
	cmd.Path, cmd.Err = path, nil
	return nil
}

// wait waits for the end of a process.
func (w *world) wait(p *process) error {
	select {
	case <-p.ended:
		return nil
	case <-w.ctx.Done():
		w.kill(p)
		return w.ctx.Err()
	}
}
