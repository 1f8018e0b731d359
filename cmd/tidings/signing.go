package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tidings.example/internal/config"
	"tidings.example/internal/store"
	"tidings.example/mailer"
	"tidings.example/mailer/dkim"
)

// signer signs letters with the keys of the database.
func (p *program) signer() mailer.Signer {
	return mailer.NewDKIM(p.db, p.config.Mail.DKIM.Algorithms)
}

// keyDomains are the domains that new keys are for.
func keyDomains(c *config.Config) []string {
	if c.Mail.DKIM.Domain != "" {
		return []string{c.Mail.DKIM.Domain}
	}
	return c.SenderDomains()
}

// makeKeys makes a key of each algorithm for each domain and returns them as
// the database has them.
func makeKeys(ctx context.Context, db *store.DB, domains, algorithms []string, prefix string, now time.Time) ([]store.DKIMKey, error) {
	had, err := db.DKIMKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, domain := range domains {
		for _, a := range algorithms {
			private, err := dkim.Generate(dkim.Algorithm(a))
			if err != nil {
				return nil, err
			}
			k, err := dkim.NewKey(domain, freeSelector(had, domain, prefix+"-"+now.UTC().Format("20060102")+"-"+a), private)
			if err != nil {
				return nil, err
			}
			err = db.AddDKIMKey(ctx, store.NewDKIMKey{Domain: domain, Selector: k.Selector, Algorithm: a, Record: k.Record(), Private: private}, now)
			if err != nil {
				return nil, err
			}
		}
	}
	keys, err := db.DKIMKeys(ctx)
	return slices.DeleteFunc(keys, func(k store.DKIMKey) bool {
		return slices.ContainsFunc(had, func(h store.DKIMKey) bool { return h.ID == k.ID })
	}), err
}

// freeSelector numbers a selector that the domain has used already.
func freeSelector(had []store.DKIMKey, domain, want string) string {
	name := want
	for n := 2; slices.ContainsFunc(had, func(k store.DKIMKey) bool { return k.Domain == domain && k.Selector == name }); n++ {
		name = fmt.Sprintf("%s-%d", want, n)
	}
	return name
}
