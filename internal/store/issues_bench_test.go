package store

import (
	"fmt"
	"testing"
	"time"
)

// crowdOf inserts n active readers of the digest with ten different topics.
func (w *mailWorld) crowdOf(n int) {
	w.t.Helper()
	if _, err := w.db.Keys(w.ctx, eraseKey, w.now); err != nil {
		w.t.Fatal(err)
	}
	w.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1)
		insert into subscribers (address, address_key, hash, state, created_at, confirmed_at, changed_at)
		select 'r' || i || '@example.com', 'r' || i || '@example.com', hex(i), 'active', ?2, ?2, ?2 from n`, n, w.now.UnixMilli())
	w.exec(`insert into subscriptions (subscriber, digest, topics, cursor, created_at, confirmed_at)
		select id, 'news', iif(id % 10 = 0, '', '{"tags":["t' || (id % 10) || '"]}'), 0, ?1, ?1 from subscribers`, w.now.UnixMilli())
}

// The benchmarks freeze an issue, the publication included; serving writes the
// cursors, after it.
func BenchmarkFreeze100000(b *testing.B)  { benchmarkFreeze(b, 100_000) }
func BenchmarkFreeze1000000(b *testing.B) { benchmarkFreeze(b, 1_000_000) }

func benchmarkFreeze(b *testing.B, readers int) {
	w := newMailWorld(b, "2026-11-22T10:00:00Z", aDigest())
	w.engine.Chunk = 0
	w.crowdOf(readers)
	w.now = w.now.Add(-3 * time.Hour)
	m := watch(b, w.db)
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		for tag := range 10 {
			w.post(fmt.Sprintf("p%d-%d", n, tag), fmt.Sprintf("t%d", tag))
		}
		w.now = w.now.Add(24 * time.Hour)
		if err := w.db.serve(w.ctx); err != nil {
			b.Fatal(err)
		}
		m.begin()
		b.StartTimer()
		if r := w.tick(); r.Letters != readers {
			b.Fatalf("%d letters", r.Letters)
		}
		m.end()
	}
	m.report(readers)
	b.ReportMetric(float64(w.number(`select sum(length(list)) from members where wave = (select max(wave) from members)`))/float64(readers), "bytes/letter")
}

// BenchmarkServe1000000 writes the cursors of a published wave.
func BenchmarkServe1000000(b *testing.B) {
	const readers = 1_000_000
	w := newMailWorld(b, "2026-11-22T10:00:00Z", aDigest())
	w.engine.Chunk = 0
	w.crowdOf(readers)
	w.now = w.now.Add(-3 * time.Hour)
	m := watch(b, w.db)
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		w.post(fmt.Sprint("p", n))
		w.now = w.now.Add(24 * time.Hour)
		w.tick()
		b.StartTimer()
		m.begin()
		if err := w.db.serve(w.ctx); err != nil {
			b.Fatal(err)
		}
		m.end()
	}
	m.report(readers)
}
