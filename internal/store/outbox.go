package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

var _ mailer.Outbox = (*DB)(nil)

// table is the table of a letter.
func table(notice bool) string {
	if notice {
		return "notices"
	}
	return "deliveries"
}

// Recover implements [mailer.Outbox].
func (db *DB) Recover(ctx context.Context, owner string, hold bool, now time.Time) (mailer.Recovered, error) {
	var r mailer.Recovered
	err := db.Write(ctx, func(tx *Tx) error {
		r = mailer.Recovered{}
		for _, t := range []string{"deliveries", "notices"} {
			n, err := changed(tx.Exec(`/* outbox.Recover */ update `+t+` set state = 'queued', cause = 'given back: the sender ended', owner = '', lease_until = 0, updated_at = ?
				where owner <> '' and owner <> ? and state = 'leased'`, now.UnixMilli(), owner))
			if err != nil {
				return err
			}
			r.Leased += n
			state, cause := mailer.Queued, "in doubt: the sender ended before the answer came, sent again"
			if hold {
				state, cause = mailer.Unknown, "in doubt: the sender ended before the answer came, kept"
			}
			n, err = changed(tx.Exec(`/* outbox.Recover */ update `+t+` set state = ?, cause = ?, doubt = 1, owner = '', lease_until = 0, due_at = 0, updated_at = ?
				where owner <> '' and owner <> ? and state = 'inflight'`, string(state), cause, now.UnixMilli(), owner))
			if err != nil {
				return err
			}
			r.InDoubt += n
			if hold {
				continue
			}
			n, err = changed(tx.Exec(`/* outbox.Recover */ update `+t+` set state = 'queued', cause = 'in doubt: sent again', due_at = 0, updated_at = ? where state = 'unknown'`, now.UnixMilli()))
			if err != nil {
				return err
			}
			r.InDoubt += n
		}
		if err := hasten(tx, now); err != nil {
			return err
		}
		// Whatever servers there are now: the next verdict is on these, too.
		_, err := tx.Exec(`/* outbox.Recover */ update bounces set server = '' where verdict = '' and server <> ''`)
		return err
	})
	if err == nil {
		err = db.inherit(ctx, &r)
	}
	if err != nil {
		return mailer.Recovered{}, fmt.Errorf("recover the outbox: %w", err)
	}
	return r, nil
}

// changed is the number of rows that a statement changed.
func changed(res sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Template implements [mailer.Outbox].
func (db *DB) Template(ctx context.Context, variant int64) ([]byte, error) {
	var letter []byte
	err := db.read.QueryRowContext(ctx, `/* outbox.Template */ select letter from variants where id = ?`, variant).Scan(&letter)
	if err != nil {
		return nil, fmt.Errorf("variant %d: %w", variant, err)
	}
	return letter, nil
}

// openWaves lists the published waves with letters in a state, with the time
// when the first of them is due, without those of issues that are held. It skips through the index wave by wave:
// a million waiting letters cost as much as one.
const openWaves = `with recursive w (wave) as (
		select min(wave) from deliveries where state = '%[1]s'
		union all
		select (select min(wave) from deliveries where state = '%[1]s' and wave > w.wave) from w where w.wave is not null)
	select waves.issue issue, w.wave wave, (select min(due_at) from deliveries where state = '%[1]s' and wave = w.wave) due
	from w join waves on waves.id = w.wave join issues i on i.id = waves.issue where waves.published_at is not null and i.held_at is null`

// waitingWaves lists the waves with letters that have no row yet, without those
// of issues that are held.
const waitingWaves = `select issue, id wave from waves indexed by waves_waiting where waiting > 0
	and not exists (select 1 from issues i where i.id = waves.issue and i.held_at is not null)`

var (
	queuedWaves   = fmt.Sprintf(openWaves, mailer.Queued)
	deferredWaves = fmt.Sprintf(openWaves, mailer.Deferred)
)

// NextDue implements [mailer.Outbox].
func (db *DB) NextDue(ctx context.Context) (time.Time, error) {
	var due sql.NullInt64
	err := (reader{db}).QueryRowContext(ctx, `/* outbox.NextDue */ select min(due) from (
		select min(due) due from (`+queuedWaves+`)
		union all select min(due) from (`+deferredWaves+`)
		union all select iif(exists (`+waitingWaves+`), 0, null)
		union all select min(due_at) from notices where state = 'queued'
		union all select min(due_at) from notices where state = 'deferred')`).Scan(&due)
	if err != nil {
		return time.Time{}, fmt.Errorf("next due letter: %w", err)
	}
	if !due.Valid {
		return time.Time{}, nil
	}
	return time.UnixMilli(due.Int64), nil
}

// Tally counts the deliveries of an issue by state, those without a row too.
// Unpublished waves have none yet.
func (db *DB) Tally(ctx context.Context, issue int64) (t mailer.Tally, err error) {
	rows, err := db.read.QueryContext(ctx, `/* outbox.Tally */ select state, sum(n) from (
			select state, count(*) n from deliveries where id between ?1 << 36 and (?1 + 1 << 36) - 1 group by state
			union all select 'queued', sum(waiting) from waves where issue = ?1
			union all select 'sent', sum(folded) from waves where issue = ?1) group by state having sum(n) > 0`, issue)
	if err != nil {
		return nil, fmt.Errorf("tally of issue %d: %w", issue, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	t = mailer.Tally{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("tally of issue %d: %w", issue, err)
		}
		t[mailer.DeliveryState(state)] = n
	}
	return t, rows.Err()
}
