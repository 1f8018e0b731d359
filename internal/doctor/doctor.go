// Package doctor looks at what letters depend on beyond this machine and on it:
// the DNS records of the sender, the mail server, the pages that readers reach,
// the clock, the disk. Each look gives findings of one line, with what to do.
//
// It changes nothing, and asks only what a receiver or a reader would ask.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
)

// Level is how bad a finding is.
type Level string

// The levels. A look that was not possible or not meant is skipped.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
	Skip Level = "skip"
)

// Finding is what one look found, in one line.
type Finding struct {
	// Check names the look: "spf", "dkim", "tls".
	Check string `json:"check"`
	Level Level  `json:"level"`
	// What is so.
	What string `json:"what"`
	// Do is the way out, "" where nothing is to be done.
	Do string `json:"do,omitempty"`
}

// Bad tells whether the owner has something to do.
func (f Finding) Bad() bool { return f.Level == Warn || f.Level == Fail }

func ok(check, format string, args ...any) Finding {
	return Finding{Check: check, Level: OK, What: fmt.Sprintf(format, args...)}
}

// Resolver asks the DNS. It is [net.Resolver]'s part that is needed here.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// texts returns the TXT records of a name; none is no error.
func texts(ctx context.Context, r Resolver, name string) ([]string, error) {
	// The dot at the end keeps search domains out.
	found, err := r.LookupTXT(ctx, strings.TrimSuffix(name, ".")+".")
	if missing(err) {
		return nil, nil
	}
	return found, err
}

// missing tells that the DNS answered, and has nothing.
func missing(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// silent is the finding where the DNS did not answer.
func silent(check, name string, err error) Finding {
	return Finding{check, Warn, fmt.Sprintf("the DNS does not answer for %s: %v", name, reason(err)), "ask again; --dns asks another name server"}
}

// reason is why a question failed, without the question.
func reason(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	return err.Error()
}
func skip(check, format string, args ...any) Finding {
	return Finding{Check: check, Level: Skip, What: fmt.Sprintf(format, args...)}
}
