package main

import (
	"strings"
	"syscall"
	"testing"
)

func TestTheDaemonSaysThatItReadsItsConfigurationAndThatItEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	r := w.serve()
	r.hup <- syscall.SIGHUP
	r.await("SIGHUP: the configuration is read again")
	r.await("the new configuration is in force")
	const ending = "ending: letters under way are finished"
	if strings.Contains(r.log.String(), ending) {
		t.Errorf("a reload is taken for the end:\n%s", r.log)
	}
	r.end()
	if n := strings.Count(r.log.String(), ending); n != 1 {
		t.Errorf("%d lines say that it ends:\n%s", n, r.log)
	}
}
