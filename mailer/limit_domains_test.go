package mailer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDomainsThatAreForgottenKeepTheirRates(t *testing.T) {
	t.Parallel()
	b := &shelfBook{spent: map[Spending]int{}}
	l := newLanes("mx", []DomainLimit{{Domain: "*", Rate: Rate{Hour: 2}}, {Domain: "free.example"}}, nil)
	now := time.Unix(1e9, 0)
	enter := func(domain string) bool {
		n, due, err := l.enter(t.Context(), b, "a@"+domain, now)
		if err != nil {
			t.Fatal(err)
		}
		if n == nil {
			if wait := due.Sub(now); wait <= 0 || wait > farthest {
				t.Errorf("put aside for %v", wait)
			}
			return false
		}
		l.leave(n, now, time.Millisecond)
		return true
	}
	for i := range 3 {
		if ok := enter("first.example"); ok != (i < 2) {
			t.Errorf("letter %d goes: %t", i+1, ok)
		}
	}
	for i := range 2 * lanesKept {
		enter(fmt.Sprintf("d%d.example", i))
	}
	if len(l.by) > lanesKept {
		t.Errorf("%d domains are in memory", len(l.by))
	}
	if enter("FIRST.example") {
		t.Error("a domain that was forgotten begins anew")
	}
}

// Whatever letters come and go, in memory for three domains: none of ten gets
// more than its limits, and a letter that waits gets its turn.
func TestNoDomainGetsMoreThanItsLimitsHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rule := DomainLimit{Domain: "*", Connections: rapid.IntRange(0, 2).Draw(t, "connections"),
			Rate: Rate{Second: rapid.IntRange(0, 2).Draw(t, "in a second"), Minute: rapid.IntRange(0, 5).Draw(t, "in a minute")}}
		l := newLanes("mx", []DomainLimit{rule, {Domain: "d0.example", Connections: 1, Rate: Rate{Minute: 3}}}, nil)
		l.kept = 3
		now := time.Unix(1e9, 0)
		under := map[string][]*lane{}
		sent := map[string][]time.Time{}
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(10*time.Second)).Draw(t, "step")))
			domain := fmt.Sprintf("d%d.example", rapid.IntRange(0, 9).Draw(t, "domain"))
			if open := under[domain]; len(open) > 0 && rapid.Bool().Draw(t, "ends") {
				under[domain] = open[1:]
				l.leave(open[0], now, time.Second)
				continue
			}
			n, due, err := l.enter(t.Context(), noBook{}, "a@"+domain, now)
			if err != nil {
				t.Fatal(err)
			}
			if !due.IsZero() {
				if due.Before(now) || due.Sub(now) > farthest {
					t.Fatalf("at %v the turn is at %v", now, due)
				}
				continue
			}
			under[domain] = append(under[domain], n)
			sent[domain] = append(sent[domain], now)
			limit := l.rules["*"]
			if domain == "d0.example" {
				limit = l.rules[domain]
			}
			if m := limit.Connections; m > 0 && len(under[domain]) > m {
				t.Fatalf("%d letters to %s are under way", len(under[domain]), domain)
			}
			for span, most := range map[time.Duration]int{time.Second: limit.Rate.Second, time.Minute: limit.Rate.Minute} {
				times := sent[domain]
				if k := len(times) - most - 1; most > 0 && k >= 0 && now.Sub(times[k]) < span {
					t.Fatalf("%s got %d letters within %v", domain, most+1, span)
				}
			}
		}
		for domain, open := range under {
			now = now.Add(2 * time.Minute)
			for _, n := range open {
				l.leave(n, now, time.Second)
			}
			if n, due, err := l.enter(t.Context(), noBook{}, "a@"+domain, now); n == nil {
				t.Fatalf("%s waits until %v: %v", domain, due, err)
			} else {
				l.leave(n, now, time.Second)
			}
		}
	})
}

func TestDomainsAreEnteredTogetherAndNoneHasTwoLanes(t *testing.T) {
	t.Parallel()
	l := newLanes("mx", []DomainLimit{{Domain: "*", Connections: 1}}, nil)
	l.kept = 2
	now := time.Unix(1e9, 0)
	var busy [8]atomic.Int32
	var all sync.WaitGroup
	for seed := range uint64(8) {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1))
			for range 2000 {
				k := r.IntN(len(busy))
				n, _, err := l.enter(t.Context(), noBook{}, fmt.Sprintf("a@d%d.example", k), now)
				if err != nil {
					t.Error(err)
				}
				if n == nil {
					continue
				}
				if busy[k].Add(1) > 1 {
					t.Errorf("two letters to d%d.example are under way", k)
				}
				busy[k].Add(-1)
				l.leave(n, now, time.Second)
			}
		})
	}
	all.Wait()
}

func TestDomainsThatThereIsNoRoomForSayWhy(t *testing.T) {
	t.Parallel()
	l := newLanes("mx", []DomainLimit{{Domain: "*", Rate: Rate{Minute: 5}}}, nil)
	now := time.Unix(1e9, 0)
	last := now
	for i := range lanesKept + 100 {
		n, due, err := l.enter(t.Context(), noBook{}, fmt.Sprintf("a@d%d.example", i), now)
		switch {
		case err != nil:
			t.Fatal(err)
		case n != nil:
			l.leave(n, now, time.Second)
		case !due.After(last):
			t.Fatal("they come back at once")
		default:
			last = due
		}
	}
	s := l.status(now)
	if len(s) != 1 || s[0].Domain != "*" || !strings.Contains(s[0].Reason, "4096 other domains") || !s[0].Until.Equal(last) || last.Sub(now) > 2*time.Minute {
		t.Errorf("status is %+v", s)
	}
}
