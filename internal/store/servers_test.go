package store

import (
	"path/filepath"
	"testing"
	"time"

	"tidings.example/internal/store/storetest"
	"tidings.example/mailer"
)

func TestWhatServersTookIsCountedByTheMinuteForADay(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "t.db"), Open)
	defer db.Close()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	spend := func(server, domain string, ago time.Duration, n int) {
		t.Helper()
		at := now.Add(-ago)
		if err := db.Spend(t.Context(), mailer.Spending{Server: server, Domain: domain, Minute: at.Unix() / 60, Letters: n}, at); err != nil {
			t.Fatal(err)
		}
	}
	total := func(server, domain string) (n int, began time.Time) {
		t.Helper()
		list, began, err := db.Spent(t.Context(), server, domain, now.Add(-25*time.Hour), now)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			n += s.Letters
		}
		return n, began
	}
	if n, began := total("mx", ""); n != 0 || !began.IsZero() {
		t.Errorf("an unknown server took %d letters since %v", n, began)
	}
	spend("mx", "", 30*time.Hour, 7)
	spend("mx", "", 2*time.Hour, 10)
	spend("mx", "", 2*time.Hour, -4)
	spend("mx", "", time.Minute, 3)
	spend("mx", "", 0, -3) // never below nothing
	spend("mx", "qq.com", 0, 2)
	spend("other", "", 0, 100)
	if n, began := total("mx", ""); n != 9 || !began.Equal(now.Add(-30*time.Hour)) {
		t.Errorf("it took %d letters since %v, want 9", n, began)
	}
	if n, _ := total("mx", "qq.com"); n != 2 {
		t.Errorf("qq.com took %d letters, want 2", n)
	}
	// The clock was a year ahead when these went, and is right again.
	spend("mx", "", -365*24*time.Hour, 5)
	for range 2 {
		if n, _ := total("mx", ""); n != 5 {
			t.Errorf("after a clock ran ahead it took %d letters, want the 5 that are left", n)
		}
	}
	now = now.Add(24 * time.Hour)
	if n, _ := total("mx", ""); n != 5 {
		t.Errorf("a day later it took %d letters", n)
	}
}

func TestServersStandAsTheSenderSaidLast(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, filepath.Join(t.TempDir(), "t.db"), Open)
	defer db.Close()
	now := time.UnixMilli(1e12).UTC()
	domains := []mailer.DomainStatus{{Domain: "qq.com", Reason: "full", Until: now}}
	for _, said := range [][]mailer.ServerStatus{
		{{Name: "b", Stopped: true, Reason: "AUTH: 535", Since: now, Next: now.Add(time.Minute), Limit: 2}, {Name: "a", Domains: domains}},
		{{Name: "b", Limit: 4}},
	} {
		if err := db.Stand(t.Context(), said); err != nil {
			t.Fatal(err)
		}
		got, err := db.Servers(t.Context())
		if err != nil || len(got) != len(said) {
			t.Fatalf("read %+v, %v", got, err)
		}
		last := got[len(got)-1]
		if last.Name != "b" || last.Stopped != said[0].Stopped || last.Reason != said[0].Reason || !last.Since.Equal(said[0].Since) || !last.Next.Equal(said[0].Next) || last.Limit != said[0].Limit {
			t.Errorf("read %+v, want %+v", last, said[0])
		}
		if len(got) == 2 && (len(got[0].Domains) != 1 || got[0].Domains[0].Domain != "qq.com" || !got[0].Domains[0].Until.Equal(now)) {
			t.Errorf("domains are %+v", got[0].Domains)
		}
	}
}
