package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

var _ mailer.Calendar = (*DB)(nil)

// live is what makes a row of subscriptions a subscription; the index
// subscriptions_live holds just these.
const live = `confirmed_at is not null and left_at is null`

// Rhythms implements [mailer.Calendar]. It skips through the index from one
// choice to the next: a million readers with one choice cost one look.
func (db *DB) Rhythms(ctx context.Context, digest string) (out []mailer.Rhythm, err error) {
	at := mailer.Rhythm{Hour: -2, Minute: -2}
	for {
		found := false
		from := []any{digest, at.Cadence, at.Zone, at.Hour, at.Minute}
		for i, next := range nextRhythm {
			err := (reader{db}).QueryRowContext(ctx, next, from[:len(from)-i]...).Scan(&at.Cadence, &at.Zone, &at.Hour, &at.Minute)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("read the rhythms of %s: %w", digest, err)
			}
			found = true
			break
		}
		if !found {
			return out, nil
		}
		out = append(out, at)
	}
}

// nextRhythm looks for the rhythm after another: of the same hour, zone or
// cadence, or of another cadence. Compared as a row of four, SQLite would use
// the cadence alone and pass by everybody who has it.
var nextRhythm = [...]string{
	theNext + `cadence = ?2 and zone = ?3 and hour = ?4 and minute > ?5 and ` + live + ` order by minute limit 1`,
	theNext + `cadence = ?2 and zone = ?3 and hour > ?4 and ` + live + ` order by hour, minute limit 1`,
	theNext + `cadence = ?2 and zone > ?3 and ` + live + ` order by zone, hour, minute limit 1`,
	theNext + `cadence > ?2 and ` + live + ` order by cadence, zone, hour, minute limit 1`,
}

// theNext begins each of nextRhythm.
const theNext = `/* slots.Rhythms */ select cadence, zone, hour, minute from subscriptions indexed by subscriptions_live where digest = ?1 and `

// ofRhythm picks the subscriptions of a rhythm, in the order of their readers.
const ofRhythm = `s.digest = ? and s.cadence = ? and s.zone = ? and s.hour = ? and s.minute = ? and s.` + `confirmed_at is not null and s.left_at is null`

// AnyReader implements [mailer.Calendar].
func (db *DB) AnyReader(ctx context.Context, digest string, r mailer.Rhythm, by time.Time) (found bool, err error) {
	err = (reader{db}).QueryRowContext(ctx, `/* slots.AnyReader */ select exists (
		select 1 from subscriptions s indexed by subscriptions_live join subscribers u on u.id = s.subscriber
		where `+ofRhythm+` and s.confirmed_at <= ? and u.state = 'active')`,
		digest, r.Cadence, r.Zone, r.Hour, r.Minute, by.UnixMilli()).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for readers of %s: %w", digest, err)
	}
	return found, nil
}

// NewestSlot implements [mailer.Calendar]. A decision that a clock running
// ahead made does not count before its time.
func (db *DB) NewestSlot(ctx context.Context, digest string, c mailer.Cadence, now time.Time) (mailer.Slot, error) {
	var s mailer.Slot
	var at int64
	err := (reader{db}).QueryRowContext(ctx, `/* slots.NewestSlot */ select label, at from slots
		where digest = ? and cadence = ? and at <= ? order by label desc limit 1`, digest, c, now.UnixMilli()).Scan(&s.Label, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read the newest slot of %s: %w", digest, err)
	}
	s.Due = instant(at)
	return s, nil
}

// DecidedSlots implements [mailer.Calendar].
func (db *DB) DecidedSlots(ctx context.Context, digest string, c mailer.Cadence, from string, now time.Time) (map[string]bool, error) {
	labels, err := collect[string](ctx, reader{db}, `/* slots.DecidedSlots */ select label from slots
		where digest = ? and cadence = ? and label >= ? and (state = 'taken' or at <= ?)`, digest, c, from, now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("read the slots of %s: %w", digest, err)
	}
	decided := make(map[string]bool, len(labels))
	for _, l := range labels {
		decided[l] = true
	}
	return decided, nil
}

// OpenIssue implements [mailer.Calendar].
func (db *DB) OpenIssue(ctx context.Context, o mailer.Opening) (issue mailer.Issue, opened bool, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		issue, opened = mailer.Issue{}, false
		for _, m := range o.Missed {
			if _, err := decide(tx, o, m, "skipped"); err != nil {
				return err
			}
		}
		if o.Slot.Label == "" {
			return nil
		}
		taken, err := decide(tx, o, o.Slot, "taken")
		if err != nil || !taken {
			return err
		}
		issue, opened = mailer.Issue{Digest: o.Digest, Cadence: o.Cadence, Label: o.Slot.Label, Cut: o.Cut, Due: o.Slot.Due, Opened: o.Now}, true
		return tx.QueryRow(`/* slots.OpenIssue */ insert into issues (digest, cadence, label, cut, due_at, opened_at)
			values (?, ?, ?, iif(?4 > 0, ?4, (select coalesce(max(seq), 0) from releases)), ?, ?) returning id, cut`,
			o.Digest, o.Cadence, o.Slot.Label, o.Cut, o.Slot.Due.UnixMilli(), o.Now.UnixMilli()).Scan(&issue.ID, &issue.Cut)
	})
	if err != nil {
		return mailer.Issue{}, false, fmt.Errorf("open %s %s %s: %w", o.Digest, o.Cadence, o.Slot.Label, err)
	}
	return issue, opened, nil
}

// decide writes what becomes of a slot, unless that is decided. Slots that were
// skipped in the future, by a clock that ran ahead, are open.
func decide(tx *Tx, o mailer.Opening, s mailer.Slot, state string) (bool, error) {
	n, err := changed(tx.Exec(`/* slots.decide */ insert into slots (digest, cadence, label, state, due_at, at, cause)
		values (?, ?, ?, ?, ?, ?, ?)
		on conflict do update set state = excluded.state, due_at = excluded.due_at, at = excluded.at, cause = excluded.cause
		where slots.state = 'skipped' and slots.at > excluded.at`,
		o.Digest, o.Cadence, s.Label, state, s.Due.UnixMilli(), o.Now.UnixMilli(), s.Cause))
	return n > 0, err
}
