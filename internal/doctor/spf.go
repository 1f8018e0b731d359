package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"blitiri.com.ar/go/spf"
)

// Sender is who hands letters over to the servers of their readers.
type Sender struct {
	// Host is its name, "" where it is not known.
	Host string
	// Addresses are its own, as far as they are known.
	Addresses []netip.Addr
	// Provider is the name that it wants in the SPF records of its customers; ""
	// is none.
	Provider string
	// Relay says that it may send from other addresses than its own.
	Relay bool
}

// lookups is how many questions a record may cost (RFC 7208 section 4.6.4).
const lookups = 10

// SPF looks whether the record of a domain permits the sender (RFC 7208). want is
// the record that the owner was advised to publish.
func SPF(ctx context.Context, r Resolver, domain string, s Sender, want string) []Finding {
	bad := func(level Level, do, format string, args ...any) []Finding {
		return []Finding{{"spf", level, domain + fmt.Sprintf(format, args...), do}}
	}
	w := walk{ctx: ctx, r: r, names: map[string]bool{}}
	record, err := w.record(domain)
	switch {
	case errors.Is(err, errNoSPF):
		return bad(Fail, fmt.Sprintf("publish: %s TXT \"%s\"", domain, want), " has no SPF record")
	case errors.Is(err, errManySPF):
		return bad(Fail, "make one of them", " has several SPF records: receivers take none of them")
	case err != nil:
		return []Finding{silent("spf", domain, err)}
	}
	if err := w.follow(record, 0); err != nil {
		return bad(Fail, "correct the record: "+record, ": its SPF record cannot be followed: %v", err)
	}
	switch {
	case w.asked > lookups:
		return bad(Fail, "take out what does not send your mail, or write addresses (ip4:, ip6:) for names",
			": its SPF record takes %d questions to the DNS, and receivers ask %d", w.asked, lookups)
	case w.open:
		return bad(Fail, "end it in ~all or -all", ": its SPF record permits everybody (+all)")
	case s.Provider != "":
		if w.names[s.Provider] {
			return []Finding{ok("spf", "%s includes %s, as %s wants it", domain, s.Provider, s.Host)}
		}
		return bad(Fail, fmt.Sprintf("add include:%s to: %s", s.Provider, record), " does not include %s, which the provider of %s wants", s.Provider, s.Host)
	}
	return w.judge(domain, record, s)
}

// judge asks as a receiver would, for each address of the sender.
func (w *walk) judge(domain, record string, s Sender) []Finding {
	if len(s.Addresses) == 0 {
		return []Finding{ok("spf", "%s has an SPF record; from which address letters leave is not known here: %s", domain, record)}
	}
	var out, passed []Finding
	for _, a := range s.Addresses {
		result, err := spf.CheckHostWithSender(a.AsSlice(), s.Host, "postmaster@"+domain, spf.WithContext(w.ctx), spf.WithResolver(w.r))
		switch {
		case result == spf.Pass:
			passed = append(passed, ok("spf", "%s permits %s (%s)", domain, s.Host, a))
		case result == spf.TempError:
			out = append(out, silent("spf", domain, err))
		case s.Relay:
			out = append(out, Finding{"spf", Warn, fmt.Sprintf("%s does not permit %s (%s): %s", domain, s.Host, a, result),
				fmt.Sprintf("add a:%s, or the include: that its owner names, to: %s", s.Host, record)})
		default:
			out = append(out, Finding{"spf", Fail, fmt.Sprintf("%s does not permit %s (%s), which letters leave from: %s", domain, s.Host, a, result),
				fmt.Sprintf("add ip%d:%s to: %s", 4+2*b2i(a.Is6()), a, record)})
		}
	}
	return append(passed, out...)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

var (
	errNoSPF   = errors.New("no SPF record")
	errManySPF = errors.New("several SPF records")
)

// walk follows the records that a record names, and counts.
type walk struct {
	ctx   context.Context
	r     Resolver
	asked int
	names map[string]bool // that were included
	open  bool            // permits everybody
}

// record returns the SPF record of a domain.
func (w *walk) record(domain string) (string, error) {
	all, err := texts(w.ctx, w.r, domain)
	if err != nil {
		return "", err
	}
	var found []string
	for _, text := range all {
		if version, _, _ := strings.Cut(text, " "); strings.EqualFold(version, "v=spf1") {
			found = append(found, text)
		}
	}
	switch len(found) {
	case 0:
		return "", errNoSPF
	case 1:
		return found[0], nil
	}
	return "", errManySPF
}

// follow counts what a record asks for. What a macro names cannot be followed,
// only counted.
func (w *walk) follow(record string, depth int) error {
	for _, term := range strings.Fields(record)[1:] {
		name, value, is := strings.Cut(strings.ToLower(term), ":")
		if key, target, modifier := strings.Cut(strings.ToLower(term), "="); modifier && !is {
			name, value = key, target
		}
		bare := strings.TrimLeft(name, "+-~?")
		bare, _, _ = strings.Cut(bare, "/")
		switch bare {
		case "all":
			w.open = w.open || depth == 0 && (name == "all" || name == "+all")
		case "a", "mx", "ptr", "exists":
			w.asked++
		case "include", "redirect":
			w.asked++
			if err := w.enter(bare, value, depth); err != nil {
				return err
			}
		case "ip4", "ip6", "exp":
		default:
			if !strings.Contains(term, "=") {
				return fmt.Errorf("%q is no term of SPF", term)
			}
		}
	}
	return nil
}

func (w *walk) enter(term, name string, depth int) error {
	w.names[name] = true
	if strings.Contains(name, "%") || w.asked > 2*lookups || depth > lookups {
		return nil
	}
	record, err := w.record(name)
	switch {
	case errors.Is(err, errNoSPF), errors.Is(err, errManySPF):
		return fmt.Errorf("%s:%s has %w", term, name, err)
	case err != nil:
		return fmt.Errorf("%s:%s: %s", term, name, reason(err))
	}
	return w.follow(record, depth+1)
}
