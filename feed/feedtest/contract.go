package feedtest

import (
	"context"
	"testing"
	"time"

	"tidings.example/feed"
)

// Ledger is what a round and a publisher need of a ledger of pings.
type Ledger interface {
	feed.Pings
	AnnounceTopics(ctx context.Context, topics []feed.Topic, now time.Time) error
}

// contract is one run of the contract.
type contract struct {
	t   *testing.T
	l   Ledger
	now time.Time
}

const hub, other = "https://hub.example.org/", "https://other.example.org/"

func (c *contract) announce(topics ...feed.Topic) {
	c.t.Helper()
	if err := c.l.AnnounceTopics(c.t.Context(), topics, c.now); err != nil {
		c.t.Fatal(err)
	}
}

// claim wants the topic and tag that are handed out next; "" is none.
func (c *contract) claim(at, topic, tag string) feed.Ping {
	c.t.Helper()
	p, ok, err := c.l.ClaimPing(c.t.Context(), at, c.now, c.now.Add(time.Minute))
	if err != nil {
		c.t.Fatal(err)
	}
	if ok != (topic != "") || ok && (p.Hub != at || p.Topic != topic || p.Tag != tag) {
		c.t.Fatalf("claimed %v %+v, want %q %q", ok, p, topic, tag)
	}
	return p
}

func (c *contract) settle(p feed.Ping, s feed.Settlement) {
	c.t.Helper()
	if err := c.l.SettlePing(c.t.Context(), p, s, c.now); err != nil {
		c.t.Fatal(err)
	}
}

func (c *contract) refused(p feed.Ping, wait time.Duration) feed.Settlement {
	return feed.Settlement{State: feed.PingQueued, Due: c.now.Add(wait), Attempts: p.Attempts + 1, Refused: true, Reply: "500"}
}

var done = feed.Settlement{State: feed.PingDone, Reply: "204"}

func topic(url, tag string, hubs ...string) feed.Topic {
	return feed.Topic{URL: url, Tag: tag, Hubs: hubs}
}

// KeepsPingsContract proves a ledger that is empty at first.
func KeepsPingsContract(t *testing.T, l Ledger) {
	t.Helper()
	c := &contract{t: t, l: l, now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	c.changes()
	c.leases()
	c.order()
	c.revives()
	c.leaves()
}

// changes: one open ping for a pair, of the newest bytes; equal bytes are no news.
func (c *contract) changes() {
	c.claim(hub, "", "")
	c.announce(topic("a", "1", hub, other))
	c.claim(other, "a", "1")
	p := c.claim(hub, "a", "1")
	c.claim(hub, "", "")
	c.settle(p, done)
	c.announce(topic("a", "1", hub, other))
	c.claim(hub, "", "")
	c.announce(topic("a", "2", hub, other))
	c.announce(topic("a", "3", hub, other))
	p = c.claim(hub, "a", "3")
	if !p.Since.Equal(c.now) || p.Attempts != 0 {
		c.t.Errorf("%+v", p)
	}
	// New bytes while the hub is being told: what became of the old ones is void.
	c.announce(topic("a", "4", hub, other))
	c.settle(p, done)
	p = c.claim(hub, "a", "4")
	// A refusal waits, and new bytes wait with it.
	c.settle(p, c.refused(p, time.Hour))
	c.claim(hub, "", "")
	c.announce(topic("a", "5", hub, other))
	c.claim(hub, "", "")
	c.now = c.now.Add(time.Hour)
	if p = c.claim(hub, "a", "5"); p.Attempts != 1 {
		c.t.Errorf("%+v", p)
	}
	// What failed is tried with the next bytes only, and then at once.
	c.settle(p, feed.Settlement{State: feed.PingFailed, Attempts: 2, Refused: true, Reply: "404"})
	c.announce(topic("a", "5", hub, other))
	c.claim(hub, "", "")
	c.announce(topic("a", "6", hub, other))
	if p = c.claim(hub, "a", "6"); p.Attempts != 0 {
		c.t.Errorf("%+v", p)
	}
	c.settle(p, done)
}

// leases: a claim whose owner is gone runs out, and its late settlement is void.
func (c *contract) leases() {
	c.announce(topic("a", "7", hub))
	late := c.claim(hub, "a", "7")
	c.now = c.now.Add(59 * time.Second)
	c.claim(hub, "", "")
	c.now = c.now.Add(time.Second)
	p := c.claim(hub, "a", "7")
	c.settle(late, done)
	c.now = c.now.Add(time.Minute)
	p2 := c.claim(hub, "a", "7")
	c.settle(p, done)
	c.settle(p2, done)
	c.now = c.now.Add(time.Hour)
	c.claim(hub, "", "")
}

// order: who was refused least and tried longest ago comes first; a hub that is
// away makes all of its pings wait alike.
func (c *contract) order() {
	c.announce(topic("a", "8", hub), topic("b", "8", hub), topic("c", "8", hub, other))
	c.now = c.now.Add(time.Second)
	b := c.claim(hub, "b", "8")
	s := c.refused(b, 5*time.Minute)
	c.settle(b, s)
	if err := c.l.PutOffPings(c.t.Context(), hub, s, c.now); err != nil {
		c.t.Fatal(err)
	}
	c.claim(hub, "", "")
	c.settle(c.claim(other, "c", "8"), done)
	c.now = c.now.Add(5 * time.Minute)
	for _, want := range []string{"c", "a", "b"} {
		p := c.claim(hub, want, "8")
		if p.Attempts != 1 {
			c.t.Errorf("%+v", p)
		}
		c.settle(p, done)
	}
}

// revives: a hub that takes news again is told of what it refused a while ago.
func (c *contract) revives() {
	refused := feed.Settlement{State: feed.PingFailed, Attempts: 1, Refused: true, Reply: "404"}
	a, b := topic("a", "r", hub), topic("b", "r", hub, other)
	c.announce(a, b)
	c.settle(c.claim(other, "b", "r"), refused)
	c.settle(c.claim(hub, "a", "r"), done)
	c.settle(c.claim(hub, "b", "r"), refused)
	c.now = c.now.Add(feed.PingRest - time.Second)
	a.Tag = "s"
	c.announce(a, b)
	c.settle(c.claim(hub, "a", "s"), done)
	c.claim(hub, "", "")
	c.now = c.now.Add(time.Second)
	a.Tag = "t"
	c.announce(a, b)
	c.settle(c.claim(hub, "a", "t"), done)
	p := c.claim(hub, "b", "r")
	if p.Attempts != 0 {
		c.t.Errorf("%+v", p)
	}
	c.settle(p, refused)
	c.claim(hub, "", "")
	c.claim(other, "", "")
}

// leaves: topics and hubs that are no more are forgotten, also while they are told.
func (c *contract) leaves() {
	c.announce(topic("a", "9", hub, other), topic("b", "9", hub))
	p := c.claim(hub, "a", "9")
	c.announce(topic("a", "9", other))
	c.settle(p, c.refused(p, 0))
	c.claim(hub, "", "")
	c.settle(c.claim(other, "a", "9"), done)
	c.announce()
	c.announce(topic("a", "9", hub))
	c.settle(c.claim(hub, "a", "9"), done)
	c.claim(hub, "", "")
	c.claim(other, "", "")
}
