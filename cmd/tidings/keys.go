package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.example/internal/store"
)

type keysCmd struct {
	List    keysListCmd    `cmd:"" default:"withargs" help:"List the keys that sign letters, and those that did."`
	Records keysRecordsCmd `cmd:"" help:"Print the DNS records that your domain needs."`
	New     keysNewCmd     `cmd:"" help:"Make new keys; a domain's first ones sign at once, others wait for: tidings keys use."`
	Use     keysUseCmd     `cmd:"" help:"Sign new issues with a key whose record is published; the one before it is retired."`
	Retire  keysRetireCmd  `cmd:"" help:"Sign nothing new with a key."`
}

// Help tells how keys are replaced.
func (keysCmd) Help() string {
	return "To replace a key: tidings keys new, publish the record that it prints, tidings keys use SELECTOR. An issue is signed by the keys that it began with; their private halves are kept until it is closed. The record of a retired key stays in the DNS until keys list says that it may go."
}

// inTransit is how long a letter may be on its way after it left here: servers
// keep one for five days (RFC 5321 section 4.5.4.1), and its receiver asks for
// the key.
const inTransit = 7 * 24 * time.Hour

// shownKey is a key without its secret.
type shownKey struct {
	Name      string     `json:"name"`
	Domain    string     `json:"domain"`
	Selector  string     `json:"selector"`
	Algorithm string     `json:"algorithm"`
	State     string     `json:"state"` // new, active, retired
	Created   time.Time  `json:"created"`
	Used      *time.Time `json:"used,omitempty"`
	Retired   *time.Time `json:"retired,omitempty"`
	Needed    int        `json:"needed"` // open issues and notices that it signs
	Record    string     `json:"record"`
}

func showKey(k store.DKIMKey) shownKey {
	s := shownKey{Name: keyName(k), Domain: k.Domain, Selector: k.Selector, Algorithm: k.Algorithm, State: "new", Created: k.Created,
		Used: instant(k.Used), Retired: instant(k.Retired), Needed: k.Needed, Record: k.Record}
	switch {
	case !k.Retired.IsZero():
		s.State = "retired"
	case !k.Used.IsZero():
		s.State = "active"
	}
	return s
}

// advice says what is to be done about a key.
func advice(k store.DKIMKey, now time.Time) string {
	switch {
	case !k.Retired.IsZero() && k.Needed > 0:
		return fmt.Sprintf("needed by %s: keep its record", count(k.Needed, "open issue or notice"))
	case !k.Retired.IsZero() && now.Sub(k.Retired) < inTransit:
		return "letters are on their way: keep its record until " + k.Retired.Add(inTransit).Format("2006-01-02")
	case !k.Retired.IsZero():
		return "its record may be removed"
	case k.Used.IsZero():
		return "publish its record, then: tidings keys use " + k.Selector
	}
	return "signs letters since " + k.Used.Format("2006-01-02")
}

type keysListCmd struct{}

// Run lists keys.
func (keysListCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		keys, err := p.db.DKIMKeys(ctx)
		if err != nil {
			return err
		}
		if sh.args.JSON {
			shown := []shownKey{}
			for _, k := range keys {
				shown = append(shown, showKey(k))
			}
			return sh.printJSON(shown)
		}
		if len(keys) == 0 {
			sh.printf("No keys: letters are not signed. tidings keys new makes some.\n")
			return nil
		}
		var rows [][]string
		for _, k := range keys {
			rows = append(rows, []string{k.Domain, k.Selector, k.Algorithm, showKey(k).State, advice(k, sh.now())})
		}
		return sh.table([]string{"DOMAIN", "SELECTOR", "ALGORITHM", "STATE", "WHAT TO KNOW"}, rows)
	})
}

type keysRecordsCmd struct{}

// Run prints records.
func (keysRecordsCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		keys, err := p.db.DKIMKeys(ctx)
		if err != nil {
			return err
		}
		return sh.showRecords(recordsFor(p.config, keys))
	})
}

func (sh *shell) showRecords(records []dnsRecord) error {
	if sh.args.JSON {
		return sh.printJSON(append([]dnsRecord{}, records...))
	}
	sh.printRecords(records)
	return nil
}

type keysNewCmd struct {
	Domain    string `placeholder:"DOMAIN" help:"For this domain only, of those that letters come from."`
	Algorithm string `placeholder:"NAME" enum:",rsa,ed25519" default:"" help:"Of this algorithm only: rsa or ed25519."`
}

// Run makes keys.
func (c keysNewCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		domains, algorithms := keyDomains(p.config), p.config.Mail.DKIM.Algorithms
		if len(domains) == 0 {
			return usagef("no domain to make keys for: set mail.from in %s", p.config.File)
		}
		if c.Domain != "" {
			if domains = slices.DeleteFunc(domains, func(d string) bool { return d != strings.ToLower(c.Domain) }); len(domains) == 0 {
				return usagef("--domain %s: letters come from %s", c.Domain, strings.Join(keyDomains(p.config), ", "))
			}
		}
		if c.Algorithm != "" {
			algorithms = []string{c.Algorithm}
		}
		if len(algorithms) == 0 {
			return usagef("mail.dkim.algorithms is empty: letters are signed by your mail server; name \"rsa\" there to sign them here")
		}
		made, err := makeKeys(ctx, p.db, domains, algorithms, p.config.Mail.DKIM.Selector, sh.now())
		if err != nil {
			return err
		}
		if err := sh.showRecords(dkimRecords(made)); err != nil || sh.args.JSON {
			return err
		}
		for _, k := range made {
			sh.printf("%s: %s\n", k.Selector, advice(k, sh.now()))
		}
		return nil
	})
}

type keysUseCmd struct {
	Key    string `arg:"" name:"selector" help:"The key: its selector, or SELECTOR._domainkey.DOMAIN."`
	Unseen bool   `help:"Do not ask the DNS whether the record is there."`
	DNS    string `name:"dns" placeholder:"ADDRESS" help:"Ask this name server, like 9.9.9.9."`
}

// Run puts a key to use.
func (c keysUseCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		k, err := p.findKey(ctx, c.Key)
		if err != nil {
			return err
		}
		if !k.Retired.IsZero() {
			return usagef("%s is retired: make a new one with tidings keys new", k.Selector)
		}
		if !c.Unseen {
			if err := p.published(ctx, c.DNS, k); err != nil {
				return &exitError{code: exitAgain, err: fmt.Errorf("%w; --unseen does not ask", err)}
			}
		}
		if err := p.db.UseDKIMKey(ctx, k.ID, sh.now()); err != nil {
			return err
		}
		return p.showKeyAgain(ctx, k.ID)
	})
}

type keysRetireCmd struct {
	Key string `arg:"" name:"selector" help:"The key: its selector, or SELECTOR._domainkey.DOMAIN."`
}

// Run retires a key.
func (c keysRetireCmd) Run(ctx context.Context, sh *shell) error {
	return sh.lookup(ctx, func(p *program) error {
		k, err := p.findKey(ctx, c.Key)
		if err != nil {
			return err
		}
		if err := p.db.RetireDKIMKey(ctx, k.ID, sh.now()); err != nil {
			return err
		}
		return p.showKeyAgain(ctx, k.ID)
	})
}

// showKeyAgain wipes what nothing needs and tells what became of a key.
func (p *program) showKeyAgain(ctx context.Context, id int64) error {
	if err := p.db.ForgetDKIMKeys(ctx); err != nil {
		return err
	}
	keys, err := p.db.DKIMKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		switch {
		case k.ID != id:
		case p.sh.args.JSON:
			return p.sh.printJSON(showKey(k))
		default:
			p.sh.printf("%s: %s, %s\n", k.Selector, showKey(k).State, advice(k, p.sh.now()))
		}
	}
	return nil
}

// findKey finds a key by its selector or by its whole name.
func (p *program) findKey(ctx context.Context, name string) (store.DKIMKey, error) {
	keys, err := p.db.DKIMKeys(ctx)
	if err != nil {
		return store.DKIMKey{}, err
	}
	var found []store.DKIMKey
	var names []string
	for _, k := range keys {
		if strings.EqualFold(name, k.Selector) || strings.EqualFold(name, keyName(k)) {
			found, names = append(found, k), append(names, keyName(k))
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return store.DKIMKey{}, &exitError{code: exitUsage, err: errors.New("no key " + name + ": tidings keys lists them")}
	}
	return store.DKIMKey{}, usagef("%s is the selector of several domains: write %s", name, strings.Join(names, " or "))
}
