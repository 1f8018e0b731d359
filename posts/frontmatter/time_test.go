package frontmatter_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"tidings.example/posts/frontmatter"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestParseTimeReadsTheDatesPeopleWrite(t *testing.T) {
	t.Parallel()
	shanghai := zone(t, "Asia/Shanghai")
	for written, want := range map[string]string{
		// Days: the first instant in the zone.
		"2019-1-1": "day 2018-12-31T16:00:00Z", "2020-02-29": "day 2020-02-28T16:00:00Z", "2024/3/5": "day 2024-03-04T16:00:00Z",
		"2024.03.05": "day 2024-03-04T16:00:00Z", "20240305": "day 2024-03-04T16:00:00Z", "2021年10月01日": "day 2021-09-30T16:00:00Z",
		"2021年 1月 2号": "day 2021-01-01T16:00:00Z", "25 Aug 2024": "day 2024-08-24T16:00:00Z", "04 July 2023": "day 2023-07-03T16:00:00Z",
		"Aug 25, 2024": "day 2024-08-24T16:00:00Z", "August 25th, 2024": "day 2024-08-24T16:00:00Z", "1st of March 2024": "day 2024-02-29T16:00:00Z",
		"04-Jul-23": "day 2023-07-03T16:00:00Z", "2006-Jan-02": "day 2006-01-01T16:00:00Z", "2006 Jan 2": "day 2006-01-01T16:00:00Z",
		"25/08/2024": "day 2024-08-24T16:00:00Z", "08/25/2024": "day 2024-08-24T16:00:00Z", "Sept. 5, 2024": "day 2024-09-04T16:00:00Z",
		"2013-08-01 +0900": "day 2013-07-31T15:00:00Z", "2021-10-01Z": "day 2021-10-01T00:00:00Z", "Thursday, 4 July 2024": "day 2024-07-03T16:00:00Z",
		// Times in the zone.
		"2016-3-30 8:00:00": "2016-03-30T00:00:00Z", "2019-01-11 22:13": "2019-01-11T14:13:00Z", "  2019-01-11  22:13  ": "2019-01-11T14:13:00Z",
		"2019-01-11T22:13:05": "2019-01-11T14:13:05Z", "2019-01-11, 22:13": "2019-01-11T14:13:00Z", "2018-09-8 16:01:47": "2018-09-08T08:01:47Z",
		"2021-10-01 0915": "2021-10-01T01:15:00Z", "2021-10-01 10：30": "2021-10-01T02:30:00Z",
		"２０２１－１０－０１　１０：３０": "2021-10-01T02:30:00Z", "2021年10月1日 10时30分": "2021-10-01T02:30:00Z", "2021年10月1日 下午3:04": "2021-10-01T07:04:00Z",
		"2024-01-01 8pm": "2024-01-01T12:00:00Z", "2024-01-01 12:30 AM": "2023-12-31T16:30:00Z", "2024-01-01 12:30:01 p.m.": "2024-01-01T04:30:01Z",
		"August 25th, 2024 at 3:04 PM": "2024-08-25T07:04:00Z", "2021-10-01 24:00": "2021-10-01T16:00:00Z", "20240305T101112": "2024-03-05T02:11:12Z",
		"20240305101112": "2024-03-05T02:11:12Z", "Mon Jan  2 15:04:05 2006": "2006-01-02T07:04:05Z", "2016-12-31 23:59:60": "2016-12-31T16:00:00Z",
		// Times with a zone of their own.
		"2019-01-11T22:13:05Z": "2019-01-11T22:13:05Z", "2019-01-11t22:13:05.25z": "2019-01-11T22:13:05.25Z", "2017-07-15T0:10:32+00:00": "2017-07-15T00:10:32Z",
		"2015-03-17 10:00:00 -4": "2015-03-17T14:00:00Z", "2015-03-17 10:00:00 -0400": "2015-03-17T14:00:00Z", "2015-03-17 10:00:00 −04:00": "2015-03-17T14:00:00Z",
		"2015-03-17 10:00:00 +530": "2015-03-17T04:30:00Z", "2015-03-17 10:00 +0800": "2015-03-17T02:00:00Z", "2015-03-17 10:00 UTC+8": "2015-03-17T02:00:00Z",
		"2025-04-01 20:00.000000000 +09:00": "2025-04-01T11:00:00Z", "2018-10-31 11:38:00.000000000 +09:00": "2018-10-31T02:38:00Z",
		"2018-10-31 11:38:00,1234567891 +0000": "2018-10-31T11:38:00.123456789Z", "2024-03-21 4:00:00 +0000": "2024-03-21T04:00:00Z",
		"2023-01-29 18:30:22 2023 -0800": "2023-01-30T02:30:22Z", "2006-01-02 15:04:05 -0700 MST": "2006-01-02T22:04:05Z", "2006-01-02 15:04:05 +0800 +0800": "2006-01-02T07:04:05Z",
		"2006-01-02 15:04:05 GMT": "2006-01-02T15:04:05Z", "2006-01-02 15:04:05 EST": "2006-01-02T20:04:05Z", "2006-01-02 15:04:05 pdt": "2006-01-02T22:04:05Z",
		"2021-07-01 10:00 Europe/Berlin": "2021-07-01T08:00:00Z", "2021-07-01T10:00:00[Europe/Berlin]": "2021-07-01T08:00:00Z",
		"2021-07-01T10:00:00+09:00[Asia/Tokyo]": "2021-07-01T01:00:00Z", "2021-10-01 10:00 Etc/GMT+8": "2021-10-01T18:00:00Z",
		"Mon, 02 Jan 2006 15:04:05 GMT": "2006-01-02T15:04:05Z", "Mon, 2 Jan 2006 15:04:05 -0700": "2006-01-02T22:04:05Z", "02 Jan 06 15:04 EST": "2006-01-02T20:04:00Z",
		"Monday, 02-Jan-06 15:04:05 GMT": "2006-01-02T15:04:05Z", "2 Jan 98 15:04 +0000": "1998-01-02T15:04:00Z",
		"Mon Jan 02 15:04:05 -0700 2006": "2006-01-02T22:04:05Z", "Mon Jan  2 15:04:05 MST 2006": "2006-01-02T22:04:05Z",
		"Tue Aug 27 2024 10:00:00 GMT+0800 (China Standard Time)": "2024-08-27T02:00:00Z",
		"1700000000": "2023-11-14T22:13:20Z", "1700000000123": "2023-11-14T22:13:20.123Z",
	} {
		got, dateOnly, err := frontmatter.ParseTime(written, shanghai)
		shown := got.UTC().Format(time.RFC3339Nano)
		if dateOnly {
			shown = "day " + shown
		}
		if err != nil || shown != want {
			t.Errorf("%q is %s (%v), want %s", written, shown, err, want)
		}
	}
}

func TestParseTimeRefusesWhatIsNoDate(t *testing.T) {
	t.Parallel()
	for written, word := range map[string]string{
		"": "is not a date", "`r Sys.Date()`": "is not a date", "{{ now }}": "is not a date", "today": "is not a date", "2024": "is not a date",
		"2024-03": "is not a date", "Oct 2021": "is not a date", "202403": "is not a date", "10:00": "is not a date", "8pm": "is not a date",
		"2024-03-05-a-title": "is not a date", "2024-03-05-7": "is not a date", "2024-03-05 10": "is not a date", "2024-03/05": "is not a date",
		"2024-03-05 10:00 11:00": "is not a date", "2024-03-05 and more": "is not a date", "2024-03-05 10:00 2023": "is not a date", "Monday": "is not a date",
		"2024-03-05T": "is not a date", "2024-03-05 10:": "is not a date", "20240305-": "is not a date", "25 Aug": "is not a date", "2024-03-05 (x": "is not a date",
		"99999999999999999999": "is not a date", "2024-003-05": "is not a date", "2024-03-05 PM": "is not a date", "2024-03-05 15:00 AM": "is not a date",
		"2015-03-00": "does not exist (2015-03-00)", "2023-02-30": "does not exist", "2023-13-01": "does not exist", "2100-02-29 10:00": "does not exist",
		"0000-00-00 00:00:00": "does not exist", "2023-01-01 24:01": "time that does not exist", "2023-01-01 10:60": "time that does not exist",
		"3/5/2024": "day first or month first", "2021-10-01 10:00 CST": "ambiguous (China or North America)", "2021-10-01 10:00 IST": "ambiguous",
		"2021-10-01 10:00 XYZ": `the zone "XYZ", which is not known`, "2021-10-01 10:00 Mars/Base": "not known", "2021-10-01 10:00 +1500": "offset that no zone has",
		"2021-10-01 10:00 +0800 +0900": "has two zones", "2021-10-01 10:00 ../../etc/passwd": "is not a date",
	} {
		got, _, err := frontmatter.ParseTime(written, nil)
		if err == nil {
			t.Errorf("%q became %v", written, got)
			continue
		}
		if m := err.Error(); !strings.Contains(m, word) || !strings.HasSuffix(m, ": write 2006-01-02 15:04:05 -0700") {
			t.Errorf("%q: %s; want %q", written, m, word)
		}
	}
}

func TestSkippedAndDoubledHoursAreResolved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, written, want string }{
		{"America/New_York", "2024-03-10 02:30", "2024-03-10T07:00:00Z"},
		{"America/New_York", "2024-03-10 03:00", "2024-03-10T07:00:00Z"},
		{"America/New_York", "2024-11-03 01:30", "2024-11-03T05:30:00Z"},
		{"America/New_York", "2024-11-03 02:00", "2024-11-03T07:00:00Z"},
		{"Europe/Berlin", "2024-10-27 02:15", "2024-10-27T00:15:00Z"},
		{"Australia/Lord_Howe", "2024-10-06 02:10", "2024-10-05T15:30:00Z"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-30T10:00:00Z"},
		{"Africa/Casablanca", "2024-03-10 02:30", "2024-03-10T01:30:00Z"},
	} {
		got, _, err := frontmatter.ParseTime(c.written, zone(t, c.zone))
		if err != nil || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s in %s is %v (%v), want %s", c.written, c.zone, got.UTC(), err, c.want)
		}
	}
}

func TestEveryLayoutReturnsTheInstantItWasPrintedFrom(t *testing.T) {
	t.Parallel()
	layouts := []string{time.RFC3339, time.RFC3339Nano, time.RFC1123Z, time.RFC822Z, time.RubyDate, "2006-1-2 15:4:5 -07", "2006-01-02T15:04:05.000Z0700",
		"Jan 2, 2006 at 3:04:05 PM -0700", "2 January 2006 15:04:05 -07:00", "2006/01/02 15:04:05 -0700", "2006年1月2日 15时4分5秒 -0700", "20060102T150405Z0700", "2006-01-02 15:04:05 -0700 -0700"}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-600_000_000, 2_500_000_000).Draw(t, "unix"), 0)
		at = at.In(time.FixedZone("", 900*rapid.IntRange(-48, 56).Draw(t, "quarters")))
		layout := rapid.SampledFrom(layouts).Draw(t, "layout")
		precision := time.Second
		switch layout {
		case "2006-1-2 15:4:5 -07":
			at = at.In(time.FixedZone("", 3600*rapid.IntRange(-12, 14).Draw(t, "hours")))
		case time.RFC822Z:
			precision = time.Minute
		}
		written := at.Format(layout)
		got, dateOnly, err := frontmatter.ParseTime(written, zone(t, "Asia/Tokyo"))
		if err != nil || dateOnly || !got.Equal(at.Truncate(precision)) {
			t.Fatalf("%q is %v (%v), want %v", written, got, err, at)
		}
	})
}

func TestLocalTimeIsTheFirstInstantAtOrAfterItsWallTime(t *testing.T) {
	t.Parallel()
	zones := []string{"America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Shanghai", "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "Asia/Tehran", "America/St_Johns"}
	rapid.Check(t, func(t *rapid.T) {
		loc := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		// Near a change of the clocks, where there is one.
		near := time.Unix(rapid.Int64Range(0, 1_700_000_000).Draw(t, "near"), 0).In(loc)
		if _, end := near.ZoneBounds(); !end.IsZero() {
			near = end
		}
		wall := near.Add(time.Duration(rapid.IntRange(-200, 200).Draw(t, "minutes")) * time.Minute).Format("2006-01-02 15:04")
		got, _, err := frontmatter.ParseTime(wall, loc)
		if err != nil {
			t.Fatal(err)
		}
		shown := got.Format("2006-01-02 15:04")
		if shown < wall {
			t.Fatalf("%s in %s became the earlier %v", wall, loc, got)
		}
		for earlier := got.Add(-time.Minute); got.Sub(earlier) < 26*time.Hour; earlier = earlier.Add(-time.Minute) {
			if before := earlier.In(loc).Format("2006-01-02 15:04"); before == wall || shown > wall && before > wall {
				t.Fatalf("%s in %s became %v, but %v comes first", wall, loc, got, earlier)
			}
		}
	})
}
