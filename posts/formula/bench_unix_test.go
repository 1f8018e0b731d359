//go:build unix

package formula

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkRender tells formulas a second of processor time: that of the clock is
// the neighbours' business as well.
func BenchmarkRender(b *testing.B) {
	needsEngine(b)
	if _, err := (&Page{}).Render("x", false); err != nil { // starts the engine
		b.Fatal(err)
	}
	began := processorTime(b)
	for i := 0; b.Loop(); i++ {
		var p Page // nothing is cached
		tex := common[i%len(common)]
		if _, err := p.Render(tex, strings.Contains(tex, `\begin`)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/(processorTime(b)-began).Seconds(), "formulas/cpu-s")
}

func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
