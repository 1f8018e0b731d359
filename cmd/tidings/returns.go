package main

import (
	"context"

	"tidings.example/mailer"
)

// newReturnPaths makes the addresses that letters come back to, where a mailbox
// for them is configured.
func (p *program) newReturnPaths(ctx context.Context) error {
	c := p.config.Bounce
	if c.Address == "" {
		return nil
	}
	keys, err := p.db.Keys(ctx, "return_path", p.sh.now())
	if err != nil {
		return err
	}
	box, err := mailer.ParseAddress(bare(c.Address))
	if err != nil {
		return p.mistake("bounce.address", err.Error())
	}
	p.mail.returns, err = mailer.NewReturnPaths(box.Mailed, c.Separator, keys)
	return err
}
