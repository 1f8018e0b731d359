package feed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tidings.example/feed"
	"tidings.example/feed/feedtest"
)

const (
	hubURL   = "https://hub.example.org/"
	topicURL = "https://blog.example.org/atom.xml"
)

// told is a hub's part of the conversation, without a network.
type told func(topic string) (*http.Response, error)

func (t told) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	res, err := t(r.PostForm.Get("hub.url"))
	if res != nil {
		res.Request = r
	}
	return res, err
}

func says(status int, header ...string) (*http.Response, error) {
	res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(""))}
	for i := 0; i < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return res, nil
}

// publisher is one with a ledger of its own, on which the topics are news.
func publisher(t *testing.T, hub http.RoundTripper, topics ...string) (*feed.Publisher, *feedtest.Pings) {
	t.Helper()
	l := &feedtest.Pings{}
	announce(t, l, "1", topics...)
	return &feed.Publisher{Pings: l, Hubs: []string{hubURL}, Client: feed.HubClient(hub), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Live: func(context.Context, feed.Ping) error { return nil }}, l
}

func announce(t *testing.T, l *feedtest.Pings, tag string, topics ...string) {
	t.Helper()
	var list []feed.Topic
	for _, url := range topics {
		list = append(list, feed.Topic{URL: url, Tag: tag, Hubs: []string{hubURL}})
	}
	if err := l.AnnounceTopics(t.Context(), list, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// everyMinute publishes as the daemon does, for a time.
func everyMinute(t *testing.T, p *feed.Publisher, d time.Duration) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); <-time.After(time.Minute) {
		if err := p.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheFakeLedgerKeepsTheContract(t *testing.T) {
	t.Parallel()
	feedtest.KeepsPingsContract(t, &feedtest.Pings{})
}

func TestAHubThatFailsIsToldAgainEverLessOftenForThreeDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var at []time.Duration
		p, l := publisher(t, told(func(string) (*http.Response, error) {
			at = append(at, time.Since(begun).Truncate(time.Minute))
			return says(500)
		}), topicURL)
		everyMinute(t, p, 5*24*time.Hour)
		want := []time.Duration{0, 5, 20, 50, 110, 230, 470}
		for i := range want {
			if want[i] *= time.Minute; at[i] != want[i] {
				t.Fatalf("told after %v, want %v", at, want)
			}
		}
		// Every four hours from there on, until the last before three days are over.
		if n, last := len(at), at[len(at)-1]; n != 24 || last < 71*time.Hour || last > 76*time.Hour {
			t.Errorf("told %d times, the last after %v", n, last)
		}
		if r := l.Rows()[0]; r.State != feed.PingExpired || r.Reply != "500 Internal Server Error" {
			t.Errorf("%+v", r)
		}
	})
}

func TestWhatAHubSaysDecidesWhetherItIsAskedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func() (*http.Response, error)
		state  feed.PingState
		wait   time.Duration
		reply  string
	}{
		"200":               {func() (*http.Response, error) { return says(200) }, feed.PingDone, 0, "200 OK"},
		"202":               {func() (*http.Response, error) { return says(202) }, feed.PingDone, 0, "202 Accepted"},
		"204":               {func() (*http.Response, error) { return says(204) }, feed.PingDone, 0, "204 No Content"},
		"404":               {func() (*http.Response, error) { return says(404) }, feed.PingFailed, 0, "404 Not Found"},
		"moved":             {func() (*http.Response, error) { return says(301, "Location", "https://new.example.org/") }, feed.PingFailed, 0, "301 Moved Permanently: it has moved to https://new.example.org/"},
		"408":               {func() (*http.Response, error) { return says(408) }, feed.PingQueued, 5 * time.Minute, "408 Request Timeout"},
		"429":               {func() (*http.Response, error) { return says(429, "Retry-After", "3600") }, feed.PingQueued, time.Hour, "429 Too Many Requests"},
		"429 at once":       {func() (*http.Response, error) { return says(429, "Retry-After", "1") }, feed.PingQueued, 5 * time.Minute, "429 Too Many Requests"},
		"429 for years":     {func() (*http.Response, error) { return says(429, "Retry-After", "999999999") }, feed.PingQueued, 24 * time.Hour, "429 Too Many Requests"},
		"429 in other days": {func() (*http.Response, error) { return says(429, "Retry-After", "soon") }, feed.PingQueued, 5 * time.Minute, "429 Too Many Requests"},
		"503 until a date": {func() (*http.Response, error) {
			return says(503, "Retry-After", time.Now().Add(2*time.Hour).UTC().Format(http.TimeFormat))
		}, feed.PingQueued, 2 * time.Hour, "503 Service Unavailable"},
		"no connection": {func() (*http.Response, error) { return nil, errors.New("connection refused") }, feed.PingQueued, 5 * time.Minute, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, l := publisher(t, told(func(string) (*http.Response, error) { return c.answer() }), topicURL)
				begun := time.Now()
				if err := p.Publish(t.Context()); err != nil {
					t.Fatal(err)
				}
				r := l.Rows()[0]
				if r.State != c.state || r.Reply != c.reply || c.state == feed.PingQueued && r.Due.Sub(begun) != c.wait {
					t.Errorf("%s, due after %v: %s", r.State, r.Due.Sub(begun), r.Reply)
				}
			})
		})
	}
}

func TestAHubThatNeverAnswersIsLeftAfterAMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, l := publisher(t, deaf{}, topicURL, topicURL+"2", topicURL+"3")
		begun := time.Now()
		if err := p.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(begun); d != 20*time.Second {
			t.Errorf("it took %v to leave a hub with three feeds alone", d)
		}
		for _, r := range l.Rows() {
			if r.State != feed.PingQueued || r.Attempts != 1 || r.Reply != "no answer within 20s" {
				t.Errorf("%+v", r)
			}
		}
	})
}

// deaf answers when the caller has gone.
type deaf struct{}

func (deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestOneFeedThatAHubCannotTakeKeepsNoOtherBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var topics []string
		for i := range 12 {
			topics = append(topics, fmt.Sprintf("%s?%02d", topicURL, i))
		}
		broken := topics[:4] // more than the hub's patience
		p, l := publisher(t, told(func(topic string) (*http.Response, error) {
			for _, b := range broken {
				if topic == b {
					return says(500)
				}
			}
			return says(204)
		}), topics...)
		everyMinute(t, p, 2*time.Hour)
		for _, r := range l.Rows() {
			if bad := strings.Compare(r.Topic, broken[3]) <= 0; (r.State == feed.PingDone) == bad {
				t.Errorf("%s: %s", r.Topic, r.State)
			}
		}
	})
}

func TestNoHubIsToldBeforeTheBytesAreLive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		deployed := time.Now().Add(50 * time.Minute)
		var at time.Time
		p, l := publisher(t, told(func(string) (*http.Response, error) { at = time.Now(); return says(204) }), topicURL)
		looks := 0
		p.Live = func(_ context.Context, one feed.Ping) error {
			if looks++; one.Topic != topicURL || one.Tag == "" {
				t.Errorf("%+v", one)
			}
			if time.Now().Before(deployed) {
				return errors.New("it answers 404")
			}
			return nil
		}
		if err := p.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := l.Rows()[0]; r.State != feed.PingQueued || r.Attempts != 0 || r.Reply != "waits until the feed is live: it answers 404" {
			t.Errorf("%+v", r)
		}
		everyMinute(t, p, 2*time.Hour)
		if at.Before(deployed) || at.Sub(deployed) > 15*time.Minute || looks > 20 {
			t.Errorf("told %v after the bytes were live, after %d looks", at.Sub(deployed), looks)
		}
		// What never goes live is given up.
		announce(t, l, "2", topicURL)
		deployed, looks = time.Now().AddDate(1, 0, 0), 0
		everyMinute(t, p, 4*24*time.Hour)
		if r := l.Rows()[0]; r.State != feed.PingExpired || looks > 200 {
			t.Errorf("%s after %d looks", r.State, looks)
		}
	})
}

func TestAProcessThatEndsAmidAPingLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		ctx, kill := context.WithCancel(t.Context())
		p, l := publisher(t, told(func(string) (*http.Response, error) {
			if n++; n == 1 {
				kill()
				return nil, context.Canceled
			}
			return says(204)
		}), topicURL)
		if err := p.Publish(ctx); err != nil {
			t.Fatal(err)
		}
		if r := l.Rows()[0]; r.State != feed.PingInflight {
			t.Errorf("%+v", r)
		}
		everyMinute(t, p, 5*time.Minute)
		if r := l.Rows()[0]; r.State != feed.PingDone || n != 2 {
			t.Errorf("told %d times: %+v", n, r)
		}
	})
}

func TestAFeedIsLiveWhenItsAddressAnswersWithItsBytes(t *testing.T) {
	t.Parallel()
	answer := http.NotFound
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer s.Close()
	live := feed.LiveAt(s.Client())
	one := feed.Ping{Topic: s.URL + "/atom.xml", Tag: feed.Tag([]byte("new"))}
	text := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	for want, h := range map[string]http.HandlerFunc{"404": http.NotFound, "does not have the new bytes": text("old"), "": text("new")} {
		answer = h
		if err := live(t.Context(), one); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := live(t.Context(), feed.Ping{Topic: "http://127.0.0.1:1/", Tag: "x"}); err == nil {
		t.Error("nobody answers, and it is live")
	}
}

func TestAHubIsSpokenToAsHubsExpect(t *testing.T) {
	t.Parallel()
	h := feedtest.NewHub(t)
	h.Fetch = func(string) ([]byte, error) { return []byte("new"), nil }
	h.Behave(func(w http.ResponseWriter, r *http.Request, n int) {
		if n == 0 && r.URL.Path == "/" { // a POST that moves stays one
			http.Redirect(w, r, "/hub", http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	l := &feedtest.Pings{}
	if err := l.AnnounceTopics(t.Context(), []feed.Topic{{URL: topicURL, Tag: "1", Hubs: []string{h.URL + "/"}}}, noon); err != nil {
		t.Fatal(err)
	}
	p := &feed.Publisher{Pings: l, Hubs: []string{h.URL + "/"}, Client: feed.HubClient(http.DefaultTransport), Now: func() time.Time { return noon },
		Log: slog.New(slog.DiscardHandler), Live: func(context.Context, feed.Ping) error { return nil }}
	if err := p.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.Told(); len(got) != 2 || got[0].Status != 307 || got[1].Status != 202 || got[1].Topic != topicURL {
		t.Errorf("%+v", got)
	}
	if r := l.Rows()[0]; r.State != feed.PingDone {
		t.Errorf("%+v", r)
	}
}
