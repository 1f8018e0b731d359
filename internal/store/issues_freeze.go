package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidings.example/mailer"
)

// partSize is how many readers a row of members holds: what a later step does
// to one of them in a commit must be short.
const partSize = 2048

// Freeze implements [mailer.Wave]. Who is in the wave is read beside the writer;
// a reader who leaves or pauses meanwhile is met when the letter is about to go.
func (w *wave) Freeze(ctx context.Context, r mailer.Rhythm, after int64, limit int, letter func(mailer.Interest) (int64, error)) (last int64, n mailer.Frozen, err error) {
	c, err := w.audience(ctx, r, after, limit)
	if err != nil {
		return 0, n, fmt.Errorf("freeze wave %d: %w", w.id, err)
	}
	if len(c.readers) == 0 {
		return c.last, n, nil
	}
	variants := make([]int64, len(c.interests))
	for i := range variants {
		if variants[i], err = letter(c.interests[i]); err != nil {
			return 0, n, err
		}
	}
	list := make([]member, len(c.readers))
	for i, u := range c.readers {
		list[i] = member{u.subscriber, variants[u.interest]}
		if list[i].variant != 0 {
			n.Letters++
		}
	}
	n.Readers = len(list)
	err = w.takeUp(ctx, c)
	if err == nil {
		err = w.write(ctx, list)
	}
	if err != nil {
		return 0, mailer.Frozen{}, fmt.Errorf("freeze wave %d: %w", w.id, err)
	}
	return c.last, n, nil
}

// write stores the members, all or none.
func (w *wave) write(ctx context.Context, list []member) error {
	return w.db.Write(ctx, func(tx *Tx) error {
		for some := range slices.Chunk(list, partSize) {
			if err := writePart(tx, w.id, some); err != nil {
				return err
			}
		}
		return nil
	})
}

// writePart stores members of a wave as one row.
func writePart(tx *Tx, wave int64, list []member) error {
	letters := 0
	for _, m := range list {
		if m.variant != 0 {
			letters++
		}
	}
	_, err := tx.Exec(`/* issues.writePart */ insert into members (wave, first, last, readers, letters, list) values (?, ?, ?, ?, ?, ?)`,
		wave, list[0].subscriber, list[len(list)-1].subscriber, len(list), letters, encodeMembers(list))
	return err
}

// debtsTogether is how many debts one commit takes up at first.
const debtsTogether = 500

// takeUp marks the debts that the letters pay, those alone that were seen.
func (w *wave) takeUp(ctx context.Context, c audience) error {
	var debts [][2]any
	p := newPace(debtsTogether)
	flush := func() error {
		if len(debts) == 0 {
			return nil
		}
		text, err := json.Marshal(debts)
		if err != nil {
			return err
		}
		debts = debts[:0]
		return w.db.writePaced(ctx, p, func(tx *Tx) error {
			_, err := tx.Exec(`/* issues.takeUp */ update owed set wave = ?1 where digest = ?2
				and (subscriber, post) in (select j.value ->> 0, j.value ->> 1 from json_each(?3) j)
				and not exists (select 1 from waves w where w.id = owed.wave and w.published_at is not null)`, w.id, w.g.Issue.Digest, string(text))
			return err
		})
	}
	for _, u := range c.readers {
		for _, post := range c.interests[u.interest].Owed {
			if debts = append(debts, [2]any{u.subscriber, post}); len(debts) >= p.size {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}

// Interests implements [mailer.Wave].
func (w *wave) Interests(ctx context.Context, r mailer.Rhythm, after int64, limit int, each func(mailer.Interest) error) (last int64, err error) {
	if err := w.db.serve(ctx); err != nil {
		return 0, err
	}
	c, err := w.audience(ctx, r, after, limit)
	if err != nil {
		return 0, fmt.Errorf("read the interests of %s: %w", w.g.Issue.Digest, err)
	}
	for _, u := range c.readers {
		c.interests[u.interest].Readers++
	}
	for _, in := range c.interests {
		if in.Readers > 0 {
			if err := each(in); err != nil {
				return 0, err
			}
		}
	}
	return c.last, nil
}

// errUnnumbered says that the number of an issue went to another one.
var errUnnumbered = errors.New("another issue was numbered meanwhile: the wave is made again")

// Publish implements [mailer.Wave].
func (w *wave) Publish(ctx context.Context, n mailer.Frozen, number int64, now time.Time) error {
	err := w.db.Write(ctx, func(tx *Tx) error {
		done, err := changed(tx.Exec(`/* issues.Publish */ update waves set published_at = ?1, readers = ?2, letters = ?3, waiting = ?3, serving = 1
			where id = ?4 and published_at is null
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
		_, err = tx.Exec(`/* issues.Publish */ update issues set number = coalesce(number, ?), closed_at = null, folded_at = null where id = ?`, number, w.g.Issue.ID)
		if constraint(err) {
			return errUnnumbered
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("publish wave %d: %w", w.id, err)
	}
	return nil
}

// Drop implements [mailer.Wave].
func (w *wave) Drop(ctx context.Context) error { return w.db.dropWave(ctx, w.id) }
