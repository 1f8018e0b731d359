package store

import (
	"context"
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

// BenchmarkFreeze100000 freezes an issue for 100,000 readers. longest-ms is the
// longest time that the writer was held, publication included.
func BenchmarkFreeze100000(b *testing.B)  { benchmarkFreeze(b, 100_000) }
func BenchmarkFreeze1000000(b *testing.B) { benchmarkFreeze(b, 1_000_000) }

func benchmarkFreeze(b *testing.B, readers int) {
	w := newMailWorld(b, "2026-11-22T10:00:00Z", aDigest())
	w.engine.Chunk = 0
	w.crowdOf(readers)
	watch := &watchedPress{DB: w.db}
	w.engine.Press = watch
	w.now = w.now.Add(-3 * time.Hour)
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		for tag := range 10 {
			w.post(fmt.Sprintf("p%d-%d", n, tag), fmt.Sprintf("t%d", tag))
		}
		w.now = w.now.Add(24 * time.Hour)
		b.StartTimer()
		if r := w.tick(); r.Letters != readers {
			b.Fatalf("%d letters", r.Letters)
		}
	}
	b.ReportMetric(float64(readers)*float64(b.N)/b.Elapsed().Seconds(), "readers/s")
	b.ReportMetric(float64(watch.longest.Microseconds())/1000, "longest-ms")
}

// watchedPress takes the time of the steps that hold the writer.
type watchedPress struct {
	*DB
	longest time.Duration
}

func (p *watchedPress) Wave(id int64, g mailer.Group) mailer.Wave {
	return &watchedWave{newWave(p.DB, id, g), p}
}

type watchedWave struct {
	*wave
	press *watchedPress
}

func (w *watchedWave) Freeze(ctx context.Context, r mailer.Rhythm, after int64, limit int, letter func(mailer.Interest) (int64, error)) (int64, mailer.Frozen, error) {
	defer w.press.took(time.Now())
	return w.wave.Freeze(ctx, r, after, limit, letter)
}

func (w *watchedWave) Publish(ctx context.Context, n mailer.Frozen, number int64, now time.Time) error {
	defer w.press.took(time.Now())
	return w.wave.Publish(ctx, n, number, now)
}

func (p *watchedPress) took(since time.Time) { p.longest = max(p.longest, time.Since(since)) }
