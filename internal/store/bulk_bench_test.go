package store

import (
	"bufio"
	"fmt"
	"io"
	"sync"
	"syscall"
	"testing"
	"time"

	"tidings.example/mailer"
)

// bulk measures what a step costs that goes over a whole list: processor time,
// and how long it held the writer at a time. Wall time says little on a machine
// that others use.
type bulk struct {
	b       *testing.B
	mu      sync.Mutex
	holds   []time.Duration
	cpu     time.Duration
	started time.Duration
}

// watch tells of every hold of the database's writer from now on.
func watch(b *testing.B, db *DB) *bulk {
	m := &bulk{b: b}
	db.writer.held = func(d time.Duration) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.holds = append(m.holds, d)
	}
	return m
}

// begin and end enclose what counts.
func (m *bulk) begin() {
	m.mu.Lock()
	m.holds = nil
	m.mu.Unlock()
	m.started = used(m.b)
}

func (m *bulk) end() { m.cpu += used(m.b) - m.started }

// used is the processor time of this process.
func used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report writes the figures for n rows in each round.
func (m *bulk) report(n int) {
	longest := time.Duration(0)
	for _, h := range m.holds {
		longest = max(longest, h)
	}
	m.b.ReportMetric(m.cpu.Seconds()/float64(m.b.N)/float64(n)*1e6, "cpu-s/million")
	m.b.ReportMetric(float64(longest.Microseconds())/1000, "longest-hold-ms")
	m.b.ReportMetric(float64(len(m.holds)), "commits")
}

// BenchmarkImport1000000 takes a list with nobody known, one in a hundred
// unsubscribed; BenchmarkImportAgain takes it when everybody is known.
func BenchmarkImport1000000(b *testing.B)      { benchmarkImport(b, false, false) }
func BenchmarkImportDry1000000(b *testing.B)   { benchmarkImport(b, true, false) }
func BenchmarkImportAgain1000000(b *testing.B) { benchmarkImport(b, false, true) }

func benchmarkImport(b *testing.B, dry, again bool) {
	const rows = 1_000_000 // of a list
	take := func(w *mailWorld, dry bool) (sum mailer.ImportSummary) {
		o := mailer.ImportOptions{Digest: "news", Consent: "asked at the fair", DryRun: dry}
		if err := w.db.Import(w.ctx, mailer.ReadList(aList(rows)), o, w.now, func(i mailer.Imported) error { sum.Count(i); return nil }); err != nil {
			b.Fatal(err)
		}
		return sum
	}
	for b.Loop() {
		b.StopTimer()
		w := newMailWorld(b, "2026-11-22T10:00:00Z", aDigest())
		if again {
			take(w, false)
		}
		m := watch(b, w.db)
		m.begin()
		b.StartTimer()
		sum := take(w, dry)
		m.end()
		if sum.Rows != rows || sum.Problems != 0 || sum.Suppressed != rows/100 {
			b.Fatalf("%+v", sum)
		}
		m.report(rows)
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// aList is a list of n addresses as CSV, made while it is read.
func aList(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		out := bufio.NewWriter(w)
		fmt.Fprintln(out, "email,name,language,status")
		for i := range n {
			// Nobody's list is in the order of the alphabet.
			mixed := uint32(i) * 2654435761
			status := "subscribed"
			if i%100 == 99 {
				status = "unsubscribed"
			}
			fmt.Fprintf(out, "reader.%08x@mail%d.example.org,Reader Number %d,en,%s\n", mixed, mixed%97, i, status)
		}
		w.CloseWithError(out.Flush())
	}()
	return r
}
