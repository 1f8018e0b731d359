package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

// Freeze implements [mailer.Wave].
func (w *wave) Freeze(ctx context.Context, r mailer.Rhythm, after int64, limit int, now time.Time) (last int64, n mailer.Frozen, err error) {
	err = w.db.Write(ctx, func(tx *Tx) error {
		last, n = 0, mailer.Frozen{}
		upto, err := w.reach(tx, r, after, limit)
		if err != nil || upto == 0 {
			return err
		}
		last = upto
		n, err = w.chunk(tx, r, after, upto, now)
		return err
	})
	if err != nil {
		return 0, mailer.Frozen{}, fmt.Errorf("freeze wave %d: %w", w.id, err)
	}
	return last, n, nil
}

// reach returns the id of the last reader of a chunk.
func (w *wave) reach(tx *Tx, r mailer.Rhythm, after int64, limit int) (upto int64, err error) {
	err = tx.QueryRow(`/* issues.reach */ select coalesce(max(subscriber), 0) from (select s.subscriber `+unserved+`
		and s.subscriber > @after order by s.subscriber limit @limit)`, w.args(r, named("after", after), named("limit", limit))...).Scan(&upto)
	return upto, err
}

// chunk takes the readers with ids in (after, upto] into the wave. A reader
// whose interest changed since the shares were made has none, and is left for
// the next look.
func (w *wave) chunk(tx *Tx, r mailer.Rhythm, after, upto int64, now time.Time) (n mailer.Frozen, err error) {
	args := w.args(r, named("after", after), named("upto", upto), named("now", now.UnixMilli()))
	const share = ` cross join shares p on p.wave = @wave and p.zone = t.zone and p.language = t.language and p.cursor = t.cursor and p.topics = t.topics and p.extra = t.extra`
	// From here on the readers are in the wave, and their cursors are what they
	// were: the cut counts once the wave is published.
	if n.Readers, err = changed(tx.Exec(`/* issues.chunk cursors */ update subscriptions set cursor = t.cursor, wave = @wave
		from (`+w.interest()+unserved+` and s.subscriber > @after and s.subscriber <= @upto) t`+share+`
		where subscriptions.subscriber = t.subscriber and subscriptions.digest = @digest`, args...)); err != nil {
		return n, err
	}
	// A second look at the same range meets readers of the first one.
	if n.Letters, err = changed(tx.Exec(`/* issues.chunk letters */ insert into deliveries (issue, subscriber, wave, variant, state, updated_at)
		select @issue, t.subscriber, @wave, p.variant, 'queued', @now from (`+w.interest()+`from subscriptions s indexed by subscriptions_live
			join subscribers u on u.id = s.subscriber where s.digest = @digest and s.cadence = @cadence and s.zone = @zone and s.hour = @hour and s.minute = @minute
			and s.confirmed_at is not null and s.left_at is null and s.subscriber > @after and s.subscriber <= @upto and s.wave = @wave) t`+share+`
		where p.variant is not null on conflict (issue, subscriber) do nothing`, args...)); err != nil {
		return n, err
	}
	_, err = tx.Exec(`/* issues.chunk debts */ update owed set wave = @wave
		where subscriber > @after and subscriber <= @upto and digest = @digest
		and exists (select 1 from subscriptions s where s.subscriber = owed.subscriber and s.digest = owed.digest and s.wave = @wave)
		and not exists (select 1 from waves w where w.id = owed.wave and w.published_at is not null)`, args...)
	return n, err
}

// interest selects a reader's interest; who is meant follows.
func (w *wave) interest() string {
	return `select s.subscriber subscriber, s.zone zone, ` + languageOf + ` language, ` + cursorOf + ` cursor, s.topics topics, ` + w.extraOf() + ` extra `
}

// errUnnumbered says that the number of an issue went to another one.
var errUnnumbered = errors.New("another issue was numbered meanwhile: the wave is made again")

// Publish implements [mailer.Wave].
func (w *wave) Publish(ctx context.Context, n mailer.Frozen, number int64, now time.Time) error {
	err := w.db.Write(ctx, func(tx *Tx) error {
		done, err := changed(tx.Exec(`/* issues.Publish */ update waves set published_at = ?, readers = ?, letters = ? where id = ? and published_at is null
			and not exists (select 1 from issues i where i.id = waves.issue and i.cancelled_at is not null)`, now.UnixMilli(), n.Readers, n.Letters, w.id))
		if err != nil {
			return err
		}
		if done == 0 {
			return errors.New("it is gone or published, or its issue was cancelled")
		}
		if n.Letters == 0 {
			return nil
		}
		_, err = tx.Exec(`/* issues.Publish */ update issues set number = ? where id = ? and number is null`, number, w.g.Issue.ID)
		if constraint(err) {
			return errUnnumbered
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("publish wave %d: %w", w.id, err)
	}
	if err := w.db.deleteAll(ctx, dropShares, w.id); err != nil {
		return fmt.Errorf("tidy wave %d: %w", w.id, err)
	}
	return nil
}

// Drop implements [mailer.Wave].
func (w *wave) Drop(ctx context.Context) error { return w.db.dropWave(ctx, w.id) }
