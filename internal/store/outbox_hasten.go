package store

import (
	"context"
	"fmt"
	"time"

	"tidings.example/mailer"
)

// farthest is longer than any letter is ever put off, which is four hours: what
// is due later was put off by a clock that ran ahead.
const farthest = day / 4

// Hasten makes letters due that a clock put off which ran ahead.
func (db *DB) Hasten(ctx context.Context, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error { return hasten(tx, now) })
	if err != nil {
		return fmt.Errorf("hasten letters: %w", err)
	}
	return nil
}

func hasten(tx *Tx, now time.Time) error {
	for _, table := range []string{"deliveries", "notices"} {
		for _, state := range []mailer.DeliveryState{mailer.Queued, mailer.Deferred} {
			if _, err := tx.Exec(`/* outbox.hasten */ update `+table+` set due_at = ?1 where state = '`+string(state)+`' and due_at > ?2`, now.UnixMilli(), now.UnixMilli()+farthest); err != nil {
				return err
			}
		}
	}
	return nil
}
