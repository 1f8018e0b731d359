package mailer

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNoSpanHoldsMoreLettersThanItsLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 20).Draw(t, "limit")
		kind := rapid.IntRange(0, 3).Draw(t, "span")
		span := []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour}[kind]
		r := Rate{}
		*[]*int{&r.Second, &r.Minute, &r.Hour, &r.Day}[kind] = limit
		w := windows(r)[0]
		now := time.Unix(1e9, 0)
		var sent []time.Time
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(span)/4).Draw(t, "step")))
			at := w.opens(now)
			if !at.IsZero() {
				if at.Before(now) || at.Sub(now) > span+w.grain {
					t.Fatalf("at %v it opens at %v", now, at)
				}
				if rapid.Bool().Draw(t, "wait") {
					if now = at; !w.opens(now).IsZero() {
						t.Fatalf("at %v, when it was to open, it does not", at)
					}
				} else {
					continue
				}
			}
			w.add(now, 1)
			sent = append(sent, now)
			if k := len(sent) - limit - 1; k >= 0 && now.Sub(sent[k]) < span {
				t.Fatalf("%d letters between %v and %v", limit+1, sent[k], now)
			}
		}
	})
}

func TestClockThatIsSetDoesNotOpenOrShutAWindow(t *testing.T) {
	t.Parallel()
	w := windows(Rate{Hour: 3})[0]
	now := time.Unix(1e9, 0)
	for range 3 {
		w.add(now, 1)
	}
	back := now.Add(-24 * time.Hour)
	if at := w.opens(back); at.Sub(back) < 59*time.Minute || at.Sub(back) > 62*time.Minute {
		t.Errorf("a day back, it opens after %v", at.Sub(back))
	}
	if at := w.opens(back.Add(62 * time.Minute)); !at.IsZero() {
		t.Errorf("an hour later it is shut until %v", at)
	}
	ahead := now.AddDate(1, 0, 0)
	w.add(ahead, 3)
	if at := w.opens(now); at.Sub(now) > 62*time.Minute {
		t.Errorf("after a year ahead it is shut until %v", at)
	}
}

// shelfBook is a book in memory.
type shelfBook struct {
	spent  map[Spending]int // by server, domain and minute
	began  time.Time
	writes int
}

func (b *shelfBook) Spent(_ context.Context, server, domain string, since, _ time.Time) (out []Spending, began time.Time, err error) {
	for m := since.Unix() / 60; m < since.Unix()/60+60*26; m++ {
		if n := b.spent[Spending{server, domain, m, 0}]; n > 0 {
			out = append(out, Spending{server, domain, m, n})
		}
	}
	return out, b.began, nil
}

func (b *shelfBook) Spend(_ context.Context, s Spending, now time.Time) error {
	b.writes++
	n := s.Letters
	s.Letters = 0
	b.spent[s] += n
	if b.began.IsZero() {
		b.began = now
	}
	return nil
}

func (b *shelfBook) Stand(context.Context, []ServerStatus) error     { return nil }
func (b *shelfBook) Servers(context.Context) ([]ServerStatus, error) { return nil, nil }

// sends takes letters as a flow does, until the allowance is used up.
func sends(t *testing.T, a *allowance, b ServerBook, now time.Time) (n int) {
	t.Helper()
	for {
		if at, _ := a.opens(now, false); !at.IsZero() {
			return n
		}
		if !a.paid(now) {
			if err := a.pay(t.Context(), b, now); err != nil {
				t.Fatal(err)
			}
		}
		a.take(now)
		n++
	}
}

func TestRestartForgetsNoHourAndNoDay(t *testing.T) {
	t.Parallel()
	b := &shelfBook{spent: map[Spending]int{}}
	now := time.Date(2026, 11, 25, 10, 0, 30, 0, time.UTC)
	fresh := func() *allowance {
		a := newAllowance("mx", "", Rate{Hour: 1000, Day: 1500}, nil, nil)
		if err := a.load(t.Context(), b, nil, now); err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := fresh()
	for range 300 {
		if !a.paid(now) {
			if err := a.pay(t.Context(), b, now); err != nil {
				t.Fatal(err)
			}
		}
		a.take(now)
	}
	if b.writes > 31 {
		t.Errorf("%d writes for 300 letters", b.writes)
	}
	// It is killed: what was counted in advance counts, and no letter is forgotten.
	if n := sends(t, fresh(), b, now); n > 700 || n < 690 {
		t.Errorf("after a kill %d more letters in the hour, want 700 or a few less", n)
	}
	now = now.Add(2 * time.Hour)
	a = fresh()
	if n := sends(t, a, b, now); n > 500 || n < 490 {
		t.Errorf("%d more letters in the day, want 500 or a few less", n)
	}
	if err := a.refund(t.Context(), b, now); err != nil {
		t.Fatal(err)
	}
	now = now.Add(24 * time.Hour)
	if n := sends(t, fresh(), b, now); n != 1000 {
		t.Errorf("%d letters on the next day, want the hour's 1000", n)
	}
}

func TestWarmUpGoesByTheDaysOfItsZone(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	b := &shelfBook{spent: map[Spending]int{}}
	// The clocks go back on the first of November.
	now := time.Date(2026, 10, 31, 22, 30, 0, 0, zone)
	for day, want := range []int{50, 100, 200, 12345} {
		a := newAllowance("mx", "", Rate{Day: 12345}, []int{50, 100, 200}, zone)
		if err := a.load(t.Context(), b, nil, now); err != nil {
			t.Fatal(err)
		}
		if n := sends(t, a, b, now); n != want && day < 3 || day == 3 && n < 12000 {
			t.Errorf("day %d: %d letters, want %d", day+1, n, want)
		}
		if day < 3 {
			at, why := a.opens(now, false)
			if want := fmt.Sprintf("day %d of 3 of the warm-up: %d of %d letters are sent", day+1, want, want); why != want || at.In(zone).Format("15:04") != "00:00" || at.Sub(now) > 25*time.Hour {
				t.Errorf("it waits until %v: %s", at, why)
			}
			if at, _ := a.opens(now, true); !at.IsZero() {
				t.Error("a notice waits for the warm-up")
			}
		}
		if err := a.refund(t.Context(), b, now); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(0, 0, 1)
	}
}

func TestWeightsShareLettersAmongThoseThatTakeThem(t *testing.T) {
	t.Parallel()
	s := newScales([]Server{{Weight: 3}, {Weight: 1}, {}})
	now := time.Unix(1e9, 0)
	took := [3]int{}
	turn := func(i int, in bool) {
		if ok, _ := s.stand(i, in, now); ok && in {
			s.count(i)
			took[i]++
		}
	}
	for range 400 {
		turn(0, true)
		turn(1, true)
		turn(2, true)
	}
	if took[2] != 400 || took[0] < 390 || took[1] < 125 || took[1] > 145 {
		t.Errorf("letters are shared %v, want 3 to 1 and as many as it takes", took)
	}
	// The big one is out: the small one takes all.
	took = [3]int{}
	for range 100 {
		turn(0, false)
		turn(1, true)
	}
	if took[1] != 100 {
		t.Errorf("beside a server that is out it takes %d of 100", took[1])
	}
	// It comes back, and owes nothing.
	took = [3]int{}
	for range 40 {
		turn(0, true)
		turn(1, true)
	}
	if took[0] < 36 || took[1] < 10 || took[1] > 22 {
		t.Errorf("after it came back they take %v", took)
	}
}
