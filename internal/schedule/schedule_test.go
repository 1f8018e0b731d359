package schedule

import (
	"strings"
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func plan(t testing.TB, cadence string) Plan {
	t.Helper()
	p, err := NewPlan(cadence, time.Monday, 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Wall times around the changes of clocks; every instant was looked up in the
// zone's own rules, not computed by this package.
func TestLabelsFallDueAtTheFirstInstantOfTheirLocalTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, label, want string }{
		{"Europe/Berlin", "2026-03-28T02:30", "2026-03-28T01:30:00Z"},
		{"Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00Z"},
		{"Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z"}, // does not exist
		{"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"}, // twice: 00:30Z and 01:30Z
		{"Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08T02:15", "2026-03-08T07:00:00Z"}, // does not exist
		{"America/New_York", "2026-03-08T03:15", "2026-03-08T07:15:00Z"},
		{"America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"}, // twice: 05:30Z and 06:30Z
		{"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30:00Z"}, // half an hour is missing
		{"Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"}, // half an hour is doubled
		{"Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30:00Z"},
		{"Asia/Shanghai", "2026-03-29T02:30", "2026-03-28T18:30:00Z"},
		{"Asia/Shanghai", "1986-05-04T02:30", "1986-05-03T18:00:00Z"}, // summer time began at two
		{"Pacific/Apia", "2011-12-30T08:00", "2011-12-30T10:00:00Z"},  // the whole day is missing
		{"Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00:00Z"},  // midnight is missing
		{"America/St_Johns", "2026-07-01T08:00", "2026-07-01T10:30:00Z"},
		{"Asia/Kathmandu", "2026-07-01T08:00", "2026-07-01T02:15:00Z"},
	} {
		got, err := plan(t, "* * * * *").At(Clock{Zone: zone(t, c.zone)}, c.label)
		if err != nil || !got.Equal(at(t, c.want)) {
			t.Errorf("%s %s: %s, %v; want %s", c.zone, c.label, got.Format(time.RFC3339), err, c.want)
		}
	}
}

func TestLastAndNextSlot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cadence, zone  string
		hour, minute   int
		now            string
		last, lastAt   string
		next, nextAt   string
		weekday, month int
	}{
		{"daily", "Europe/Berlin", 8, 0, "2026-11-23T06:59:59Z", "2026-11-22", "2026-11-22T07:00:00Z", "2026-11-23", "2026-11-23T07:00:00Z", 1, 1},
		{"daily", "Europe/Berlin", 8, 0, "2026-11-23T07:00:00Z", "2026-11-23", "2026-11-23T07:00:00Z", "2026-11-24", "2026-11-24T07:00:00Z", 1, 1},
		{"daily", "Europe/Berlin", 2, 30, "2026-03-29T01:00:00Z", "2026-03-29", "2026-03-29T01:00:00Z", "2026-03-30", "2026-03-30T00:30:00Z", 1, 1},
		{"daily", "Europe/Berlin", 2, 30, "2026-10-25T01:30:00Z", "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-26", "2026-10-26T01:30:00Z", 1, 1},
		{"daily", "Asia/Shanghai", 8, 0, "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-23T00:00:00Z", "2026-11-24", "2026-11-24T00:00:00Z", 1, 1},
		{"weekly", "Europe/Berlin", 8, 0, "2026-11-23T07:00:00Z", "2026-W48", "2026-11-23T07:00:00Z", "2026-W49", "2026-11-30T07:00:00Z", 1, 1},
		{"weekly", "Europe/Berlin", 8, 0, "2026-11-23T07:00:00Z", "2026-W47", "2026-11-22T07:00:00Z", "2026-W48", "2026-11-29T07:00:00Z", 0, 1},
		{"weekly", "UTC", 8, 0, "2027-01-02T00:00:00Z", "2026-W53", "2027-01-01T08:00:00Z", "2027-W01", "2027-01-08T08:00:00Z", 5, 1},
		{"monthly", "America/New_York", 8, 0, "2026-12-01T12:59:00Z", "2026-11", "2026-11-01T13:00:00Z", "2026-12", "2026-12-01T13:00:00Z", 1, 1},
		{"monthly", "UTC", 8, 0, "2026-03-01T00:00:00Z", "2026-02", "2026-02-28T08:00:00Z", "2026-03", "2026-03-28T08:00:00Z", 1, 28},
		{"0 9 * * 1-5", "Europe/Berlin", 0, 0, "2026-11-22T12:00:00Z", "2026-11-20T09:00", "2026-11-20T08:00:00Z", "2026-11-23T09:00", "2026-11-23T08:00:00Z", 1, 1},
		{"*/30 * * * *", "Europe/Berlin", 0, 0, "2026-10-25T01:10:00Z", "2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T03:00", "2026-10-25T02:00:00Z", 1, 1},
		{"*/30 * * * *", "Europe/Berlin", 0, 0, "2026-03-29T01:10:00Z", "2026-03-29T03:00", "2026-03-29T01:00:00Z", "2026-03-29T03:30", "2026-03-29T01:30:00Z", 1, 1},
		{"0 0 29 2 *", "UTC", 0, 0, "2099-01-01T00:00:00Z", "2096-02-29T00:00", "2096-02-29T00:00:00Z", "2104-02-29T00:00", "2104-02-29T00:00:00Z", 1, 1},
		{"0 12 13 * 5", "UTC", 0, 0, "2026-11-13T12:00:00Z", "2026-11-13T12:00", "2026-11-13T12:00:00Z", "2026-11-20T12:00", "2026-11-20T12:00:00Z", 1, 1},
	} {
		p, err := NewPlan(c.cadence, time.Weekday(c.weekday), c.month)
		if err != nil {
			t.Fatal(err)
		}
		clock := Clock{zone(t, c.zone), c.hour, c.minute}
		last, ok := p.Last(clock, at(t, c.now))
		if !ok || last.Label != c.last || !last.At.Equal(at(t, c.lastAt)) {
			t.Errorf("%s %s at %s: last %v %v, want %s %s", c.cadence, c.zone, c.now, last, ok, c.last, c.lastAt)
		}
		next, ok := p.Next(clock, at(t, c.now))
		if !ok || next.Label != c.next || !next.At.Equal(at(t, c.nextAt)) {
			t.Errorf("%s %s at %s: next %v %v, want %s %s", c.cadence, c.zone, c.now, next, ok, c.next, c.nextAt)
		}
		if back, err := p.At(clock, c.next); err != nil || !back.Equal(at(t, c.nextAt)) {
			t.Errorf("%s: label %s is at %v, %v", c.cadence, c.next, back, err)
		}
	}
}

func TestEveryMinuteOfAYearHasOneLastAndOneNextSlot(t *testing.T) {
	t.Parallel()
	p := plan(t, "daily")
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"} {
		clock := Clock{zone(t, name), 2, 10}
		last, _ := p.Last(clock, at(t, "2026-01-01T00:00:00Z"))
		days := 0
		for now := at(t, "2026-01-01T00:00:00Z"); now.Year() == 2026; now = now.Add(10 * time.Minute) {
			got, _ := p.Last(clock, now)
			if got.Label != last.Label {
				if before, err := p.Before(got.Label); err != nil || before != last.Label {
					t.Fatalf("%s at %s: slot %s follows %s", name, now, got.Label, last.Label)
				}
				last, days = got, days+1
			}
			if next, _ := p.Next(clock, now); !next.At.After(now) || next.Label <= got.Label {
				t.Fatalf("%s at %s: next is %v, last is %v", name, now, next, got)
			}
		}
		if days != 365 {
			t.Errorf("%s: %d slots in a year", name, days)
		}
	}
}

func TestLabelsOfWeeksFollowEachOther(t *testing.T) {
	t.Parallel()
	p := plan(t, "weekly")
	for label, want := range map[string]string{"2026-W01": "2025-W52", "2027-W01": "2026-W53", "2026-W48": "2026-W47"} {
		if got, err := p.Before(label); err != nil || got != want {
			t.Errorf("before %s: %s, %v; want %s", label, got, err, want)
		}
	}
}

func TestLinesThatCannotBeMeantAreRefused(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"0 8 30 2 *":                          "never comes true",
		"0 8 31 4,6,9,11 *":                   "never comes true",
		"CRON_TZ=":                            "names a time zone",
		"CRON_TZ=Europe/Berlin 0 8 * * *":     "names a time zone",
		"TZ=UTC 0 8 * * *":                    "names a time zone",
		"@every 1h":                           "write daily",
		"@daily":                              "write daily",
		"0 0 8 * * *":                         "leave the seconds out",
		"0 8 * *":                             "4 fields",
		"":                                    "0 fields",
		"0 8 * * 7":                           "no 7",
		"0 8 * * 1-7":                         "no 7",
		"0 8 * * ；":                           "has the character",
		"61 8 * * *":                          "61",
		"*/0 8 * * *":                         "*/0 8",
		"0 8 * * " + strings.Repeat("1", 300): "too long",
	} {
		if _, err := ParseLine(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
	for _, line := range []string{"0 8 29 2 *", "0 8 30 2 1", "*/15 8-18 * jan-jun MON,fri", "0 8 ? * 1"} {
		if _, err := ParseLine(line); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestPlansNeedADayThatEveryMonthHas(t *testing.T) {
	t.Parallel()
	if _, err := NewPlan("monthly", 0, 31); err == nil {
		t.Error("day 31 was accepted")
	}
	if _, err := NewPlan("weekly", 9, 1); err == nil {
		t.Error("weekday 9 was accepted")
	}
}

func TestTheZoneOfTheMachineIsNoZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Local", "Europe/Nowhere", "../etc/passwd"} {
		if _, err := Zone(name); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
}

func FuzzCron(f *testing.F) {
	for _, s := range []string{"0 8 * * 1", "*/15 8-18 * jan-jun MON,fri", "0 8 30 2 *", "CRON_TZ=", "@every 1h", "59 23 31 12 6"} {
		f.Add(s, int64(1774746000))
	}
	berlin := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, line string, unix int64) {
		p, err := NewPlan(line, time.Monday, 1)
		if err != nil || p.kind != lined {
			return
		}
		now := time.Unix(unix%4e9, 0).UTC()
		clock := Clock{Zone: berlin}
		next, ok := p.Next(clock, now)
		if !ok || !next.At.After(now) {
			t.Fatalf("%q: next after %s is %v", line, now, next)
		}
		last, ok := p.Last(clock, next.At)
		if !ok || last.Label < next.Label || last.At.After(next.At) {
			t.Fatalf("%q: last at %s is %v, next was %v", line, next.At, last, next)
		}
	})
}
