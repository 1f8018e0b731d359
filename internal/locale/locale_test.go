package locale

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestNoLanguageLacksAKey(t *testing.T) {
	t.Parallel()
	en := For(English)
	for _, tag := range Tags()[1:] {
		other := For(tag)
		for _, key := range en.Keys() {
			if !other.Has(key) && !strings.HasSuffix(key, ".one") {
				t.Errorf("%s has no words for %s", tag, key)
			}
		}
		for _, key := range other.Keys() {
			if !en.Has(key) {
				t.Errorf("%s has words for %s, which English lacks", tag, key)
			}
		}
	}
	for _, key := range en.Keys() {
		if one, isOne := strings.CutSuffix(key, ".one"); isOne && !en.Has(one+".other") {
			t.Errorf("%s has no plural", key)
		}
	}
}

var verb = regexp.MustCompile(`%(?:\[\d+\])?[a-z]`)

// All languages must take the same arguments, or one of them shows %!d(string=…).
func TestWordsTakeTheSameArguments(t *testing.T) {
	t.Parallel()
	kinds := func(words string) map[string]bool {
		found := map[string]bool{}
		for n, v := range verb.FindAllString(words, -1) {
			if !strings.Contains(v, "[") {
				v = fmt.Sprintf("%%[%d]%s", n+1, v[1:])
			}
			found[v] = true
		}
		return found
	}
	for key, words := range english {
		other, found := chinese[key]
		if !found {
			continue
		}
		if a, b := kinds(words), kinds(other); fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: %v in English, %v in Chinese", key, a, b)
		}
	}
}

func TestMatchPicksTheNearestLanguage(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"zh": Chinese, "zh-CN": Chinese, "zh_TW": Chinese, "ZH-Hant-HK": Chinese, " zh-hans ": Chinese,
		"en": English, "en-GB": English, "de": English, "": English, "zhx": English, "x-zh": English,
	} {
		if got := Match(tag); got != want {
			t.Errorf("%q is served in %s, want %s", tag, got, want)
		}
		if got := For(tag).Tag(); got != want {
			t.Errorf("For(%q) speaks %s", tag, got)
		}
	}
}

func TestNumbersChooseTheirForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tag  string
		n    int
		want string
	}{
		{English, 0, "0 posts"}, {English, 1, "1 post"}, {English, 2, "2 posts"}, {Chinese, 1, "1 篇文章"}, {Chinese, 11, "11 篇文章"},
	} {
		if got := For(test.tag).N("letter.posts", test.n); got != test.want {
			t.Errorf("%s, %d: %q, want %q", test.tag, test.n, got, test.want)
		}
	}
}

func TestUnknownKeyIsSeen(t *testing.T) {
	t.Parallel()
	if got := For(English).T("no.such.key"); got != "⟦no.such.key⟧" {
		t.Errorf("%q", got)
	}
	var zero Locale
	if got := zero.T("letter.unsubscribe"); got != "Unsubscribe" || zero.Tag() != English {
		t.Errorf("the zero locale says %q in %s", got, zero.Tag())
	}
}

func TestDatesAndRanges(t *testing.T) {
	t.Parallel()
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 12, 0, 0, 0, time.UTC) }
	for _, test := range []struct {
		tag  string
		a, b time.Time
		want string
	}{
		{English, day(2026, 11, 23), day(2026, 11, 23), "23 November 2026"},
		{English, day(2026, 11, 1), day(2026, 11, 23), "1–23 November 2026"},
		{English, day(2026, 10, 31), day(2026, 11, 2), "31 October – 2 November 2026"},
		{English, day(2025, 12, 31), day(2026, 1, 2), "31 December 2025 – 2 January 2026"},
		{Chinese, day(2026, 11, 23), day(2026, 11, 23), "2026年11月23日"},
		{Chinese, day(2026, 11, 1), day(2026, 11, 23), "2026年11月1日至23日"},
		{Chinese, day(2026, 10, 31), day(2026, 11, 2), "2026年10月31日至11月2日"},
		{Chinese, day(2025, 12, 31), day(2026, 1, 2), "2025年12月31日至2026年1月2日"},
	} {
		if got := For(test.tag).DateRange(test.a, test.b); got != test.want {
			t.Errorf("%s: %q, want %q", test.tag, got, test.want)
		}
	}
	zone := time.FixedZone("CST", 8*3600)
	evening := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	if got := For(English).DateRange(evening, evening.In(zone)); got != "23 November 2026" {
		t.Errorf("one instant in two zones is %q", got)
	}
}

func TestReadingTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		columns int
		cjk     float64
		want    int
	}{
		{0, 1, 0}, {-5, 0, 0}, {40, 1, 1}, {8000, 1, 10}, {13800, 0, 10}, {8000 + 13800, 8000.0 / 21800, 20}, {8000, 7, 10},
	} {
		if got := Minutes(test.columns, test.cjk); got != test.want {
			t.Errorf("%d columns, %.2f Chinese: %d minutes, want %d", test.columns, test.cjk, got, test.want)
		}
	}
	if got := For(Chinese).Reading(4); got != "约 4 分钟" {
		t.Errorf("%q", got)
	}
	if got := For(English).Reading(1); got != "1 min read" {
		t.Errorf("%q", got)
	}
}
