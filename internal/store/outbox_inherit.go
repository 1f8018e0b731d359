package store

import (
	"context"
	"fmt"

	"tidings.example/mailer"
)

// inheritedMost is enough of the letters that were accepted beside bounces.
const inheritedMost = 1000

// inherit counts the bounces that an ended sender left without a verdict, and
// what was accepted meanwhile: a server that knew nobody must not look sane
// because the sender was killed.
func (db *DB) inherit(ctx context.Context, r *mailer.Recovered) error {
	var since int64
	err := db.read.QueryRowContext(ctx, `/* outbox.inherit */ select count(*), coalesce(sum(notice = 0 and kind in ('hard', 'bare')), 0), coalesce(min(iif(notice = 0, at, null)), 0)
		from bounces where verdict = ''`).Scan(&r.Bounces, &r.Hard, &since)
	if err == nil && r.Hard > 0 {
		err = db.read.QueryRowContext(ctx, `/* outbox.inherit */ select count(*) from (select 1
			from (select distinct letter >> 36 issue from bounces where verdict = '' and notice = 0) b
			join deliveries d on d.id between b.issue << 36 and (b.issue + 1 << 36) - 1
			where d.state = 'sent' and d.updated_at >= ? limit ?)`, since, inheritedMost).Scan(&r.Accepted)
	}
	if err != nil {
		return fmt.Errorf("bounces without a verdict: %w", err)
	}
	return nil
}
