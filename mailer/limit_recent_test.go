package mailer

import (
	"testing"
	"time"
)

func TestRatesOfAMinuteAreHandedOn(t *testing.T) {
	t.Parallel()
	var recent Recent
	b := &shelfBook{spent: map[Spending]int{}}
	now := time.Date(2026, 11, 25, 10, 0, 50, 0, time.UTC)
	next := func(r Rate) *allowance {
		a := newAllowance("mx", "example.org", r, nil, nil)
		if err := a.load(t.Context(), b, &recent, now); err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := next(Rate{Second: 10, Minute: 15, Hour: 1000})
	if n := sends(t, a, b, now); n != 10 {
		t.Fatalf("%d letters in the first second", n)
	}
	a.keep(&recent, now)
	// Each follows the one before at once, with other limits.
	for _, c := range []struct {
		after time.Duration
		rate  Rate
		want  int
	}{
		{0, Rate{Second: 10}, 0},
		{0, Rate{Second: 12, Minute: 15, Hour: 1000}, 2},
		{2 * time.Second, Rate{Minute: 5}, 0},
		{0, Rate{Minute: 15}, 3},
		{0, Rate{}, -1},
		{56 * time.Second, Rate{Minute: 15}, 0},
		{3 * time.Second, Rate{Minute: 15, Second: 99}, 12},
	} {
		now = now.Add(c.after)
		a := next(c.rate)
		if c.want >= 0 {
			if n := sends(t, a, b, now); n != c.want {
				t.Errorf("%v later with %+v: %d letters, want %d", c.after, c.rate, n, c.want)
			}
		}
		a.keep(&recent, now)
		recent.forget(now)
	}
	now = now.Add(2 * time.Minute)
	if recent.forget(now); len(recent.spans) != 0 {
		t.Errorf("two minutes later it holds %d spans", len(recent.spans))
	}
}
