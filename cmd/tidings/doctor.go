package main

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"tidings.example/internal/doctor"
)

type doctorCmd struct {
	DNS     string        `name:"dns" placeholder:"ADDRESS" help:"Ask this name server instead of the system's, like 9.9.9.9."`
	Timeout time.Duration `default:"20s" help:"How long each look may take."`
}

// Help tells what the doctor looks at.
func (doctorCmd) Help() string {
	return "Looks at what letters depend on: SPF, DKIM, DMARC and PTR in the DNS, the mail server and its certificate, the link to unsubscribe from outside, the clock, the disk, who may read secrets, the database. It changes nothing but a number, to see that the database can be written, and works beside a daemon. Each line says what is so and what to do. Exit code 4: something is to be done."
}

// diagnosis is what the doctor found.
type diagnosis struct {
	Findings []doctor.Finding `json:"findings"`
	// Missing are the DNS records that are not as they should be.
	Missing []dnsRecord `json:"missing_records"`
}

// Run looks, and tells.
func (c doctorCmd) Run(ctx context.Context, sh *shell) error {
	r, err := resolver(c.DNS)
	if err != nil {
		return err
	}
	if c.Timeout <= 0 {
		return usagef("--timeout %s: write a time like 20s", c.Timeout)
	}
	return sh.lookup(ctx, func(p *program) error {
		d, err := p.diagnose(ctx, r, c.Timeout)
		if err != nil {
			return err
		}
		return sh.showDiagnosis(d)
	})
}

// diagnose makes all looks at once, and gives what they found in their order.
func (p *program) diagnose(ctx context.Context, r doctor.Resolver, limit time.Duration) (diagnosis, error) {
	d := diagnosis{Findings: []doctor.Finding{}, Missing: []dnsRecord{}}
	keys, err := p.db.DKIMKeys(ctx)
	if err != nil {
		return d, err
	}
	e := &examiner{p: p, r: r, keys: keys}
	looks := []func(context.Context) []doctor.Finding{e.dns, e.server, e.pages, e.machine, e.database, e.queue}
	found := make([][]doctor.Finding, len(looks))
	var all sync.WaitGroup
	for i, look := range looks {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			found[i] = look(ctx)
		})
	}
	all.Wait()
	d.Findings = append(d.Findings, slices.Concat(found...)...)
	d.Missing = append(d.Missing, e.missing...)
	return d, ctx.Err()
}

func (sh *shell) showDiagnosis(d diagnosis) error {
	bad := slices.ContainsFunc(d.Findings, doctor.Finding.Bad)
	if sh.args.JSON {
		if err := sh.printJSON(d); err != nil {
			return err
		}
	} else {
		for _, f := range d.Findings {
			line := f.What
			if f.Do != "" {
				line += " → " + f.Do
			}
			sh.printf("%-4s  %-11s  %s\n", f.Level, f.Check, strings.Map(printable, line))
		}
		if len(d.Missing) > 0 {
			sh.printf("\nPublish these records in the DNS:\n\n")
			sh.printRecords(d.Missing)
		}
	}
	if bad {
		return &exitError{code: exitFindings}
	}
	return nil
}
