package markdown

import (
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"tidings.example/internal/raced"
)

// TestWorkGrowsWithTheBodyAndNotFaster sets two sizes of each hostile body side
// by side. What eight times the text may cost is a ratio, of the memory that was
// asked for and of the processor time of this thread alone: a slow or busy
// machine is slow for both. Quadratic work would cost 64 times as much.
//
// It runs before the parallel tests, since the memory is that of the process.
func TestWorkGrowsWithTheBodyAndNotFaster(t *testing.T) {
	if raced.On || testing.Short() {
		t.Skip("takes seconds, and finds no races")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // its share of the work would fall on either
	const size, times, most = 30_000, 8, 24
	small, large := hostile(size), hostile(size*times)
	for name, body := range small {
		for _, d := range dialectsFor(body) {
			_ = render(t, body[:100], optionsOf(d)) // makes what is made once
			for attempt := 1; ; attempt++ {
				before, after := workOf(t, body, d), workOf(t, large[name], d)
				if after.memory > most*before.memory || after.memory > 1000*len(large[name]) {
					t.Errorf("%s, %s: %d times the text asks for %d KB instead of %d", name, d, times, after.memory>>10, before.memory>>10)
				}
				if after.time <= most*max(before.time, 2*time.Millisecond) {
					break
				}
				if attempt == 3 { // the coarse clock of a thread, a cold cache
					t.Errorf("%s, %s: %d times the text takes %v instead of %v", name, d, times, after.time, before.time)
					break
				}
			}
		}
	}
}

type work struct {
	time   time.Duration
	memory int
}

func workOf(t *testing.T, body string, d Dialect) work {
	t.Helper()
	runtime.GC() // what is free is used again: new pages are slow
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := threadTime(t)
	_ = render(t, body, optionsOf(d))
	took := threadTime(t) - began
	runtime.ReadMemStats(&after)
	return work{took, int(after.TotalAlloc - before.TotalAlloc)}
}

func threadTime(t *testing.T) time.Duration {
	t.Helper()
	const thisThread = 1 // RUSAGE_THREAD, which package syscall does not name
	var used syscall.Rusage
	if err := syscall.Getrusage(thisThread, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
