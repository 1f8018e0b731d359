package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	hubTimeout  = 20 * time.Second
	lookTimeout = 20 * time.Second
	// largestFeed bounds what a look reads.
	largestFeed = 16 << 20
	agent       = "tidings (WebSub publisher)"
)

// HubClient returns a client fit to ping hubs: a POST that was moved must not be
// repeated as a GET, whose answer would look like success.
func HubClient(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 3 || r.Method != via[0].Method {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// answer is what a hub said.
type answer struct {
	status int
	after  string // Retry-After
	words  string
}

// post tells the hub. W3C WebSub leaves the message open; every hub there is
// knows the form of PubSubHubbub 0.3 section 7.1 with hub.url, and some want
// hub.topic. One topic a message: hubs differ in how they take several, and
// one that reads only the first would say that all is well.
func post(ctx context.Context, c *http.Client, p Ping) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, hubTimeout)
	defer cancel()
	form := url.Values{"hub.mode": {"publish"}, "hub.url": {p.Topic}, "hub.topic": {p.Topic}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.Hub, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", agent)
	res, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	// The status has decided; words that break off are better than none.
	text, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	a := answer{status: res.StatusCode, after: res.Header.Get("Retry-After")}
	if at := res.Header.Get("Location"); a.status/100 == 3 && at != "" {
		a.words = "it has moved to " + at
	} else if strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") {
		a.words = string(text)
	}
	return a, nil
}

// health is what a try says of the hub as a whole.
type health int

const (
	well   health = iota // it answered
	unwell               // a fault of its own, perhaps with this topic only
	away                 // it cannot be reached, or wants to be left alone
	unseen               // it was not asked: the topic is not live
)

// settle judges an answer: 2xx is accepted; a fault of the hub or of the way
// there is tried again, the wait growing as for letters; whatever else a hub
// says it would say again.
func (a answer) settle(p Ping, err error, now time.Time) (Settlement, health) {
	again := Settlement{State: PingQueued, Attempts: p.Attempts + 1, Refused: true, Due: now.Add(ladder[min(p.Attempts, len(ladder)-1)])}
	switch {
	case err != nil:
		again.Reply = oneLine(cause(err))
		return again, away
	case a.status/100 == 2:
		return Settlement{State: PingDone, Reply: a.String()}, well
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable:
		again.Due, again.Reply = a.later(again.Due, now), a.String()
		return again, away
	case a.status == http.StatusRequestTimeout, a.status >= 500:
		again.Due, again.Reply = a.later(again.Due, now), a.String()
		return again, unwell
	}
	return Settlement{State: PingFailed, Attempts: p.Attempts + 1, Refused: true, Reply: a.String()}, well
}

// ladder is the wait after each refusal; the last step repeats.
var ladder = [...]time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

// later honours Retry-After (RFC 9110 section 10.2.3), for a day at most.
func (a answer) later(due, now time.Time) time.Time {
	asked := now
	if seconds, err := strconv.ParseInt(strings.TrimSpace(a.after), 10, 32); err == nil {
		asked = now.Add(time.Duration(seconds) * time.Second)
	} else if t, err := http.ParseTime(a.after); err == nil {
		asked = t
	}
	if longest := now.Add(24 * time.Hour); asked.After(longest) {
		asked = longest
	}
	if asked.After(due) {
		return asked
	}
	return due
}

// String is the answer in one line.
func (a answer) String() string {
	line := strings.TrimSpace(fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)))
	if words := oneLine(a.words); words != "" {
		line += ": " + words
	}
	return line
}

// cause leaves out the address, which is said beside it.
func cause(err error) string {
	var u *url.Error
	if !errors.As(err, &u) {
		return err.Error()
	}
	if u.Timeout() {
		return "no answer within " + hubTimeout.String()
	}
	return u.Err.Error()
}

// oneLine makes a text one short line.
func oneLine(text string) string {
	const longest = 200
	text = strings.Join(strings.Fields(clean(text)), " ")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// LiveAt returns a look for [Publisher] that asks for the topic as a hub will,
// where the files are served by somebody else.
func LiveAt(c *http.Client) func(ctx context.Context, p Ping) error {
	return func(ctx context.Context, p Ping) error {
		ctx, cancel := context.WithTimeout(ctx, lookTimeout)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Topic, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Cache-Control", "no-cache")
		req.Header.Set("User-Agent", agent)
		res, err := c.Do(req)
		if err != nil {
			return errors.New(cause(err))
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("it answers %s", answer{status: res.StatusCode})
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, largestFeed))
		if err != nil {
			return err
		}
		if Tag(body) != p.Tag {
			return errors.New("it does not have the new bytes yet")
		}
		return nil
	}
}
