package store

import (
	"fmt"
	"testing"
	"time"

	"tidings.example/mailer"
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

// frozenFor makes an issue for so many readers, of which no letter is claimed.
func frozenFor(b *testing.B, readers int) (w *mailWorld, issue int64) {
	w = newMailWorld(b, "2026-11-22T10:00:00Z", aDigest())
	w.engine.Chunk = 0
	w.crowdOf(readers)
	w.now = w.now.Add(-3 * time.Hour)
	w.post("p")
	w.now = w.now.Add(24 * time.Hour)
	return w, w.tick().Opened[0].ID
}

// BenchmarkErase1000000 erases readers of a frozen issue, one by one, beside
// messages that were kept.
func BenchmarkErase1000000(b *testing.B) {
	w, _ := frozenFor(b, 1_000_000)
	w.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 100000)
		insert into bounces (subscriber, address, notice, letter, kind, reply, at, message) select 0, '', 0, 0, 'other', '', 1, zeroblob(1000) from n`)
	n := 500_000
	m := watch(b, w.db)
	m.begin()
	for b.Loop() {
		n++
		a, err := mailer.ParseAddress(fmt.Sprintf("r%d@example.com", n))
		if err != nil {
			b.Fatal(err)
		}
		if found, err := w.db.Erase(w.ctx, a, w.now); err != nil || !found {
			b.Fatal(found, err)
		}
	}
	m.end()
	m.report(1)
}

// BenchmarkCancel100000 ends every letter of an issue; BenchmarkDrop1000000
// takes back a wave that a crash left.
func BenchmarkCancel100000(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w, issue := frozenFor(b, 100_000)
		m := watch(b, w.db)
		m.begin()
		b.StartTimer()
		if c, err := w.db.CancelIssue(w.ctx, issue, w.now); err != nil || c.Letters != 100_000 {
			b.Fatal(c, err)
		}
		m.end()
		m.report(100_000)
	}
}

func BenchmarkDrop1000000(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w, _ := frozenFor(b, 1_000_000)
		w.exec(`update waves set published_at = null`)
		m := watch(b, w.db)
		m.begin()
		b.StartTimer()
		if n, err := w.db.DropUnpublished(w.ctx); err != nil || n != 1 {
			b.Fatal(n, err)
		}
		m.end()
		m.report(1_000_000)
	}
}
