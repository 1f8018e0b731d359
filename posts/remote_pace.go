package posts

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pace decides when the feed is asked next: as its owner wants, not before its
// server and its own words allow, and at least once a day.
func (r *Remote) pace(answer *reply, f *remoteFeed, failed error) {
	a, now := &r.answer, r.o.Now
	a.Rest = time.Time{}
	if failed != nil {
		wait := max(r.o.Every, time.Minute) << min(a.Failures, 12)
		if answer != nil {
			if answer.status == http.StatusGone {
				wait = 24 * time.Hour
			}
			if rest := dayAtMost(retryAfter(answer.header, now)); rest > 0 {
				wait, a.Rest = max(wait, rest), now.Add(rest)
			}
		}
		a.Next = now.Add(dayAtMost(wait))
		return
	}
	if f != nil {
		a.Pace = dayAtMost(f.pace)
	}
	wait := max(r.o.Every, a.Pace, dayAtMost(freshness(answer.header, now)))
	a.Next = now.Add(wait)
}

// retryAfter reads Retry-After (RFC 9110 section 10.2.3): seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if d, ok := deltaSeconds(text); ok {
		return d
	}
	if t, err := http.ParseTime(text); err == nil {
		return t.Sub(serverTime(h, now))
	}
	return 0
}

// freshness is how long the answer says that it stays fresh (RFC 9111 section
// 4.2.1): max-age less its age, else Expires.
func freshness(h http.Header, now time.Time) time.Duration {
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(strings.ToLower(directive)), "=")
		switch name {
		case "no-cache", "no-store":
			return 0
		case "max-age":
			fresh, _ := deltaSeconds(strings.Trim(value, `" `)) // none is 0
			age, _ := deltaSeconds(strings.TrimSpace(h.Get("Age")))
			return fresh - max(age, 0)
		}
	}
	if t, err := http.ParseTime(h.Get("Expires")); err == nil {
		return t.Sub(serverTime(h, now))
	}
	return 0
}

// deltaSeconds reads a number of seconds. One that is too large is as good as
// the largest (RFC 9111 section 1.2.2).
func deltaSeconds(text string) (d time.Duration, ok bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	return time.Duration(n) * time.Second, err == nil || errors.Is(err, strconv.ErrRange)
}

// serverTime is the time by the server's clock, so that a wrong one does no harm.
func serverTime(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}
