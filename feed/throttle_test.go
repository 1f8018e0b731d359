package feed_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tidings.example/feed"
)

// caller is a request from an address, by way of the proxies that are named.
func caller(from string, by ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/rss.xml", nil)
	r.RemoteAddr = from
	for _, line := range by {
		r.Header.Add("X-Forwarded-For", line)
	}
	return r
}

func TestAReaderThatPollsMadlyIsToldToWait(t *testing.T) {
	t.Parallel()
	now := noon
	limit := feed.NewThrottle(60, 10, func() time.Time { return now })
	s := serve(t, page("one", noon), noon)
	s.SetThrottle(limit.Wait)
	ask := func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Result()
	}
	for i := range 10 {
		if got := ask(caller("192.0.2.1:1234")); got.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %s", i, got.Status)
		}
	}
	if got := ask(caller("192.0.2.1:999")); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "1" || got.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%s %v", got.Status, got.Header)
	}
	if got := ask(caller("192.0.2.2:1")); got.StatusCode != http.StatusOK {
		t.Errorf("another reader: %s", got.Status)
	}
	now = now.Add(time.Second) // one more is due; who asks in vain loses nothing
	if a, b := ask(caller("192.0.2.1:1")), ask(caller("192.0.2.1:1")); a.StatusCode != http.StatusOK || b.StatusCode != http.StatusTooManyRequests {
		t.Errorf("%s, %s", a.Status, b.Status)
	}
	now = now.Add(-time.Hour) // a clock that was set right keeps nobody out for an hour
	if wait := limit.Wait(caller("192.0.2.3:1")); wait != 0 {
		t.Errorf("%v", wait)
	}
	now = now.Add(2 * time.Hour)
	for i := range 10 {
		if wait := limit.Wait(caller("192.0.2.1:1")); wait != 0 {
			t.Fatalf("request %d after an hour: %v", i, wait)
		}
	}
}

func TestAReaderIsFoundBehindOurOwnProxies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second *http.Request
		same          bool
	}{
		"one address":             {caller("192.0.2.1:1"), caller("192.0.2.1:2"), true},
		"two addresses":           {caller("192.0.2.1:1"), caller("192.0.2.2:1"), false},
		"mapped":                  {caller("192.0.2.1:1"), caller("[::ffff:192.0.2.1]:1"), true},
		"one network of IPv6":     {caller("[2001:db8::1]:1"), caller("[2001:db8::2:3:4:5]:1"), true},
		"two networks of IPv6":    {caller("[2001:db8::1]:1"), caller("[2001:db8:0:1::1]:1"), false},
		"behind a proxy":          {caller("127.0.0.1:1", "198.51.100.1"), caller("127.0.0.1:1", "198.51.100.2"), false},
		"the same behind a proxy": {caller("127.0.0.1:1", "198.51.100.1"), caller("[::1]:1", "198.51.100.1"), true},
		"invented names":          {caller("127.0.0.1:1", "1.1.1.1, 198.51.100.1"), caller("127.0.0.1:1", "2.2.2.2", "3.3.3.3,198.51.100.1"), true},
		"two proxies":             {caller("127.0.0.1:1", "198.51.100.1, 10.0.0.1"), caller("10.0.0.2:1", "198.51.100.1"), true},
		"with a port":             {caller("127.0.0.1:1", "198.51.100.1:77"), caller("127.0.0.1:1", "198.51.100.1:78"), true},
		"a socket":                {caller("@", "198.51.100.1"), caller("", "198.51.100.1"), true},
		"nobody trusts a reader":  {caller("192.0.2.1:1", "1.1.1.1"), caller("192.0.2.1:1", "2.2.2.2"), true},
		"a proxy without names":   {caller("127.0.0.1:1"), caller("127.0.0.1:1"), false},
		"our own network":         {caller("192.168.1.2:1"), caller("192.168.1.2:1"), false},
		"a broken name":           {caller("127.0.0.1:1", "198.51.100.1, unknown"), caller("127.0.0.1:1", "198.51.100.1, unknown"), false},
	} {
		limit := feed.NewThrottle(1, 1, func() time.Time { return noon })
		if wait := limit.Wait(c.first); wait != 0 {
			t.Errorf("%s: the first must wait %v", name, wait)
		}
		if wait := limit.Wait(c.second); (wait == time.Minute) != c.same {
			t.Errorf("%s: the second must wait %v, one reader: %v", name, wait, c.same)
		}
	}
}

func TestAMadReaderKeepsNoOtherOut(t *testing.T) {
	t.Parallel()
	limit := feed.NewThrottle(60, 10, func() time.Time { return noon })
	for n := range 20 {
		for range 100 {
			limit.Wait(caller(fmt.Sprintf("192.0.2.%d:1", n)))
		}
	}
	refused := 0
	for n := range 2000 {
		if limit.Wait(caller(fmt.Sprintf("203.0.%d.%d:1", n/256, n%256))) > 0 {
			refused++
		}
	}
	if refused > 2 { // 20 of 8192 places in each of two rows: 1 in 170,000
		t.Errorf("%d of 2000 other readers were refused", refused)
	}
}

func TestALimitCostsNoMemory(t *testing.T) {
	for _, r := range []*http.Request{caller("198.51.100.9:1"), caller("127.0.0.1:1", "198.51.100.9")} {
		free := feed.NewThrottle(60000, 1000000, time.Now)
		if n := testing.AllocsPerRun(100, func() { free.Wait(r) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}
