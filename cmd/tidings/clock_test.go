package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestClockFollowsItsFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clock")
	set := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		set("36h\n")
		now, err := newClock(func(string) string { return file })
		if err != nil {
			t.Fatal(err)
		}
		ahead := func(want time.Duration) {
			t.Helper()
			if got := -time.Since(now()); got != want {
				t.Errorf("the clock is %v ahead, want %v", got, want)
			}
		}
		ahead(36 * time.Hour)
		set("-24h")
		ahead(36 * time.Hour)
		<-time.After(clockLook)
		ahead(-24 * time.Hour)
		set("tomorrow")
		<-time.After(clockLook)
		ahead(-24 * time.Hour)
	})
}

func TestClockIsTheMachinesUnlessAFileIsNamed(t *testing.T) {
	t.Parallel()
	if _, err := newClock(func(string) string { return filepath.Join(t.TempDir(), "none") }); err == nil {
		t.Error("a file that is missing is no error")
	}
	synctest.Test(t, func(t *testing.T) {
		now, err := newClock(func(string) string { return "" })
		if err != nil || !now().Equal(time.Now()) {
			t.Errorf("without a file the clock shows %v, %v", now(), err)
		}
	})
}

// Two times of one process are compared by a clock that is never set, unless one
// of them does without it.
func TestAClockThatIsSetBackIsNoticed(t *testing.T) {
	t.Parallel()
	g := &generation{p: &program{sh: &shell{now: time.Now}}}
	if err := g.hasten(t.Context()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(g.ticked.String(), "m=") {
		t.Errorf("%s is compared by a clock that is never set", g.ticked)
	}
}
