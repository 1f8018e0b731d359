package feed

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Topic is a document that hubs tell their subscribers of.
type Topic struct {
	// URL is where it is found; rel="self" says the same.
	URL string
	// Tag names its bytes: see [Tag].
	Tag string
	// Hubs are the hubs to tell.
	Hubs []string
}

// Equal tells whether nobody need be told of the difference.
func (t Topic) Equal(u Topic) bool {
	return t.URL == u.URL && t.Tag == u.Tag && slices.Equal(t.Hubs, u.Hubs)
}

// Topics lists the topics of a document that names a hub; tags name its bytes
// in each format, in the order of [Formats].
func Topics(doc *Document, tags []string) []Topic {
	var out []Topic
	hubs := addresses(doc.Hubs)
	for i, f := range Formats() {
		if self := address(doc.Self.For(f)); len(hubs) > 0 && self != "" && i < len(tags) {
			out = append(out, Topic{URL: self, Tag: tags[i], Hubs: hubs})
		}
	}
	return out
}

// Ping is the news, for one hub, that one topic has new bytes.
type Ping struct {
	Hub, Topic, Tag string
	// Since is when the bytes changed.
	Since time.Time
	// Attempts is how often the hub has refused it.
	Attempts int
	// Fence is the number of the claim: an older claim settles nothing.
	Fence int64
}

// PingState is where a ping stands.
type PingState string

// The states of a ping. Queued and inflight ones are open.
const (
	PingQueued   PingState = "queued"
	PingInflight PingState = "inflight"
	PingDone     PingState = "done"
	PingFailed   PingState = "failed"  // the hub does not want it
	PingExpired  PingState = "expired" // nobody took it in time
)

// Settlement is what became of a ping.
type Settlement struct {
	State PingState
	// Due is when a queued ping is looked at again; Attempts counts the
	// refusals by then.
	Due      time.Time
	Attempts int
	// Refused says that the hub did not take it.
	Refused bool
	// Reply is what the hub answered, or why it was not asked, in one line.
	Reply string
}

// Pings is the ledger of pings: one for each hub and topic. internal/store
// implements it.
type Pings interface {
	// ClaimPing hands out the ping for the hub that is due longest, the least
	// refused first, until a time; false where none is.
	ClaimPing(ctx context.Context, hub string, now, until time.Time) (Ping, bool, error)
	// SettlePing keeps what became of a claimed ping. Where the bytes have
	// changed again since, or the claim was lost, it does nothing. A hub that
	// takes one ping is told once more what it did not take: failed and expired
	// ones that were tried [PingRest] ago are due again.
	SettlePing(ctx context.Context, p Ping, s Settlement, now time.Time) error
	// PutOffPings makes what is due for a hub wait as the settled one does.
	PutOffPings(ctx context.Context, hub string, s Settlement, now time.Time) error
}

const (
	// pingLease is longer than a look and a ping together may take.
	pingLease = 2 * time.Minute
	// PingLifetime is how long a ping is tried.
	PingLifetime = 3 * 24 * time.Hour
	// PingRest is for how long a ping that was given up is left alone.
	PingRest = time.Hour
	// patience is how many topics in a row a hub may refuse with a fault of its
	// own before it is left alone for a while.
	patience = 3
	// undeployed is how many topics in a row may not be live before the others
	// are left to the next call: before a deployment none is.
	undeployed = 20
)

// Publisher tells hubs what has changed (W3C WebSub): for each topic a POST of
// its address, once the new bytes are live.
type Publisher struct {
	Pings Pings
	Hubs  []string
	// Live tells whether who asks for the topic now gets the bytes of the ping;
	// the error says why not.
	Live func(ctx context.Context, p Ping) error
	// Client asks the hubs; see [HubClient].
	Client *http.Client
	Now    func() time.Time
	Log    *slog.Logger
}

// Publish tells every hub what is due for it, all hubs at once, and returns
// when nothing is due any more, or nothing that is due is live. The error is
// that of the ledger: what hubs do wrong is in there.
func (p *Publisher) Publish(ctx context.Context) error {
	hubs := addresses(p.Hubs) // as documents name them
	errs := make([]error, len(hubs))
	var wg sync.WaitGroup
	for i, hub := range hubs {
		wg.Go(func() { errs[i] = p.tell(ctx, hub) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// tell pings one hub until nothing is due or the hub is not well.
func (p *Publisher) tell(ctx context.Context, hub string) error {
	told, faults, looks := 0, 0, 0
	defer func() { p.logTold(hub, told) }()
	for ctx.Err() == nil {
		now := p.Now()
		one, ok, err := p.Pings.ClaimPing(ctx, hub, now, now.Add(pingLease))
		if ctx.Err() != nil {
			break
		}
		if err != nil || !ok {
			return err
		}
		s, health := p.one(ctx, one)
		if ctx.Err() != nil {
			return nil // the claim runs out by itself
		}
		if s, err = p.settle(ctx, one, s); err != nil {
			return err
		}
		switch health {
		case unseen:
			// What was looked at waits, so the next call looks at others.
			if looks++; looks >= undeployed {
				return nil
			}
			continue
		case well:
			faults, looks = 0, 0
		case unwell:
			faults++
		case away:
			faults = patience
		}
		if s.State == PingDone {
			told++
		}
		if faults >= patience {
			return p.Pings.PutOffPings(context.WithoutCancel(ctx), hub, s, now)
		}
	}
	return nil
}

func (p *Publisher) logTold(hub string, feeds int) {
	if feeds > 0 {
		p.Log.Info("told a hub", "hub", hub, "feeds", feeds)
	}
}

// settle writes down what became of a ping.
func (p *Publisher) settle(ctx context.Context, one Ping, s Settlement) (Settlement, error) {
	now := p.Now()
	s = s.expired(one, now)
	if err := p.Pings.SettlePing(context.WithoutCancel(ctx), one, s, now); err != nil {
		return s, err
	}
	if s.Refused || s.State == PingExpired {
		p.Log.Warn("a hub was not told", "hub", one.Hub, "feed", one.Topic, "state", string(s.State), "reason", s.Reply)
	}
	return s, nil
}

// one sends a ping, if its time has come.
func (p *Publisher) one(ctx context.Context, one Ping) (Settlement, health) {
	if err := p.Live(ctx, one); err != nil {
		now := p.Now()
		return Settlement{State: PingQueued, Due: now.Add(lookAgain(now.Sub(one.Since))), Attempts: one.Attempts, Reply: "waits until the feed is live: " + oneLine(err.Error())}, unseen
	}
	answer, err := post(ctx, p.Client, one)
	return answer.settle(one, err, p.Now())
}

// expired gives up a ping that would be tried again too late.
func (s Settlement) expired(p Ping, now time.Time) Settlement {
	if s.State == PingQueued && now.Sub(p.Since) >= PingLifetime {
		s.State = PingExpired
	}
	return s
}

// lookAgain is the wait before the next look whether a feed is live: often at
// first, since most are in a moment.
func lookAgain(age time.Duration) time.Duration {
	return min(max(age/4, 30*time.Second), 30*time.Minute)
}
