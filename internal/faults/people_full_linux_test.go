package faults

import (
	"net/http"
	"testing"

	"golang.org/x/sys/unix"
)

// room is how long the files may be that a process writes.
func room(t *testing.T, pid int, bytes uint64) {
	t.Helper()
	if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil); err != nil {
		t.Fatal(err)
	}
}

// TestWhoCannotLeaveOnAFullDiskIsAskedToTryAgain lets no file of the daemon
// grow, and then again.
func TestWhoCannotLeaveOnAFullDiskIsAskedToTryAgain(t *testing.T) {
	t.Parallel()
	sink := NewSink(t, func(s *Sink) { s.Texts = true })
	b := NewBlog(t, Options{Readers: 1, Sink: sink})
	b.Post()
	s := b.serve(t)
	sink.Await(1)
	leave := link(t, sink.Letters()[0], "u/")
	room(t, s.PID(), 0)
	if code := s.ask("POST", leave, "List-Unsubscribe=One-Click"); code != http.StatusServiceUnavailable {
		t.Errorf("without room the answer is %d", code)
	}
	room(t, s.PID(), unix.RLIM_INFINITY)
	if code := s.ask("POST", leave, "List-Unsubscribe=One-Click"); code != http.StatusOK {
		t.Errorf("with room again the answer is %d", code)
	}
	s.end()
}
