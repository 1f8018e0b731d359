package store

import (
	"slices"
	"testing"

	"tidings.example/mailer"
)

func TestRhythmsAreThoseOfReadersInOrder(t *testing.T) {
	t.Parallel()
	w := newMailWorld(t, "2026-11-22T10:00:00Z", aDigest())
	var want []mailer.Rhythm
	n := 0
	for _, cadence := range []mailer.Cadence{"", "daily", "weekly"} {
		for _, zone := range []string{"", "Asia/Tokyo", "Europe/Berlin"} {
			for _, hour := range []int{-1, 0, 7} {
				for _, minute := range []int{-1, 0, 30} {
					if n++; n%3 == 0 {
						continue // not every rhythm has a reader
					}
					for again := range 2 {
						w.exec(`insert into subscriptions (subscriber, digest, cadence, zone, hour, minute, cursor, created_at, confirmed_at) values (?, 'news', ?, ?, ?, ?, 0, 0, 1)`,
							2*n+again, cadence, zone, hour, minute)
					}
					want = append(want, mailer.Rhythm{Cadence: cadence, Zone: zone, Hour: hour, Minute: minute})
				}
			}
		}
	}
	w.exec(`insert into subscriptions (subscriber, digest, cadence, cursor, created_at) values (9000, 'news', 'monthly', 0, 0)`) // not confirmed
	w.exec(`insert into subscriptions (subscriber, digest, cadence, cursor, created_at, confirmed_at) values (9000, 'other', 'hourly', 0, 0, 1)`)
	got, err := w.db.Rhythms(w.ctx, "news")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("rhythms %v\nwant %v", got, want)
	}
}
