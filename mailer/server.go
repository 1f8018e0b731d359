package mailer

import (
	"context"
	"time"
)

// Server is one way out for letters, and what its owner lets it take.
type Server struct {
	// Name tells servers apart: in what is said, and in what is remembered of
	// them. A server with a new name begins its rates and its warm-up anew.
	Name      string
	Transport Transport
	// Connections is how many letters are under way at once; 0 is 1. One of
	// several takes notices alone as long as the server is slow: a confirmation
	// does not wait behind letters that take minutes.
	Connections int
	// Weight is the server's share of the letters, among servers that have one
	// and take letters. 0 takes as many as it can.
	Weight int
	Limits Limits
}

// Limits are what a server may be given, by its owner's word.
type Limits struct {
	Rate Rate
	// WarmUp is how many letters go out on the first day, the second, and so
	// on; days begin at midnight in Zone. After its last day only Rate holds.
	// Notices count, and do not wait for it.
	WarmUp []int
	// Zone is UTC where it is nil.
	Zone *time.Location
	// Domains are limits for letters to one recipients' domain.
	Domains []DomainLimit
}

// Rate is the most letters in any span of that length; 0 is no limit.
type Rate struct{ Second, Minute, Hour, Day int }

// durable tells whether a restart must not forget what was sent.
func (r Rate) durable() bool { return r.Hour > 0 || r.Day > 0 }

// DomainLimit bounds the letters to recipients of one domain by one server.
// A letter that is one too many is put aside for a while, and others go first.
type DomainLimit struct {
	// Domain is in A-labels; "*" is each of the domains that no other limit
	// names, on its own.
	Domain string
	// Connections is how many letters to it are under way at once; 0 is any.
	Connections int
	Rate        Rate
}

// Spending is how many letters a server took in a minute.
type Spending struct {
	Server string
	// Domain is that of the recipients, "" for all of them together.
	Domain string
	// Minute counts from the Unix epoch.
	Minute  int64
	Letters int
}

// ServerBook remembers what servers took and how they stand.
type ServerBook interface {
	// Spent returns what the server took since a minute, oldest first, and
	// when it took its first letter, zero before. What a clock that ran ahead
	// has noted for later counts as of now.
	Spent(ctx context.Context, server, domain string, since, now time.Time) ([]Spending, time.Time, error)
	// Spend adds to what was taken, durably. Letters below zero take back.
	Spend(ctx context.Context, s Spending, now time.Time) error
	// Stand keeps how servers stand, in the place of what was kept before.
	Stand(ctx context.Context, servers []ServerStatus) error
	// Servers returns what Stand kept last.
	Servers(ctx context.Context) ([]ServerStatus, error)
}

// noBook remembers nothing.
type noBook struct{}

func (noBook) Spent(context.Context, string, string, time.Time, time.Time) ([]Spending, time.Time, error) {
	return nil, time.Time{}, nil
}
func (noBook) Spend(context.Context, Spending, time.Time) error { return nil }
func (noBook) Stand(context.Context, []ServerStatus) error      { return nil }
func (noBook) Servers(context.Context) ([]ServerStatus, error)  { return nil, nil }
