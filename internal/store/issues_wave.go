package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tidings.example/mailer"
)

var _ mailer.Press = (*DB)(nil)

// BeginWave implements [mailer.Press]. What an interrupted attempt left under
// the same instant is dropped first.
func (db *DB) BeginWave(ctx context.Context, issue int64, instant time.Time) (id, number int64, err error) {
	var stale sql.NullInt64
	err = (reader{db}).QueryRowContext(ctx, `/* issues.BeginWave */ select max(id) from waves where issue = ? and instant = ? and published_at is null`,
		issue, instant.UnixMilli()).Scan(&stale)
	if err == nil && stale.Valid {
		err = db.dropWave(ctx, stale.Int64)
	}
	if err == nil {
		err = db.serve(ctx)
	}
	if err == nil {
		err = db.Write(ctx, func(tx *Tx) error {
			if err := tx.QueryRow(`/* issues.BeginWave */ insert into waves (issue, instant) values (?, ?) returning id`, issue, instant.UnixMilli()).Scan(&id); err != nil {
				return err
			}
			return tx.QueryRow(`/* issues.BeginWave */ select coalesce(number, (select coalesce(max(number), 0) + 1 from issues)) from issues where id = ?`, issue).Scan(&number)
		})
	}
	if err != nil {
		return 0, 0, fmt.Errorf("begin a wave of issue %d: %w", issue, err)
	}
	return id, number, nil
}

// NewestWave implements [mailer.Press].
func (db *DB) NewestWave(ctx context.Context, issue int64) (time.Time, error) {
	var at sql.NullInt64
	err := (reader{db}).QueryRowContext(ctx, `/* issues.NewestWave */ select max(instant) from waves where issue = ? and published_at is not null`, issue).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the waves of issue %d: %w", issue, err)
	}
	return instant(at.Int64), nil
}

// DropUnpublished undoes the waves that a process did not finish. It may only
// be called under the lock of the process that schedules.
func (db *DB) DropUnpublished(ctx context.Context) (int, error) {
	ids, err := collect[int64](ctx, db.read, `/* issues.DropUnpublished */ select id from waves where published_at is null`)
	if err != nil {
		return 0, fmt.Errorf("look for unpublished waves: %w", err)
	}
	for _, id := range ids {
		if err := db.dropWave(ctx, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// droppedTogether is how many rows one commit deletes at first: each is a letter,
// or a list of readers.
const droppedTogether = 40

// dropWave deletes an unpublished wave, itself last: until then it is known
// that there is something to delete.
func (db *DB) dropWave(ctx context.Context, wave int64) error {
	for _, t := range []string{
		`delete from members where id in (select id from members where wave = ?1 limit ?2) and exists (select 1 from waves where id = ?1 and published_at is null)`,
		`delete from variants where id in (select id from variants where wave = ?1 limit ?2) and exists (select 1 from waves where id = ?1 and published_at is null)`,
		`delete from waves where id = ?1 and published_at is null and ?2 > 0`,
	} {
		if err := db.deleteAll(ctx, t, wave); err != nil {
			return fmt.Errorf("drop wave %d: %w", wave, err)
		}
	}
	return nil
}

// deleteAll runs a delete with a limit until nothing is left.
func (db *DB) deleteAll(ctx context.Context, text string, wave int64) error {
	p := newPace(droppedTogether)
	for n := 1; n > 0; {
		err := db.writePaced(ctx, p, func(tx *Tx) (err error) {
			n, err = changed(tx.Exec("/* issues.deleteAll */ "+text, wave, p.size))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// wave implements [mailer.Wave].
type wave struct {
	db *DB
	id int64
	g  mailer.Group
}

// Wave implements [mailer.Press].
func (db *DB) Wave(id int64, g mailer.Group) mailer.Wave { return newWave(db, id, g) }

func newWave(db *DB, id int64, g mailer.Group) *wave { return &wave{db: db, id: id, g: g} }

// Variant implements [mailer.Wave].
func (w *wave) Variant(ctx context.Context, t mailer.Template, posts []string) (id int64, err error) {
	letter, err := t.MarshalBinary()
	if err != nil {
		return 0, err
	}
	text, err := list(posts)
	if err != nil {
		return 0, err
	}
	err = w.db.Write(ctx, func(tx *Tx) error {
		return tx.QueryRow(`/* issues.Variant */ insert into variants (wave, subject, letter, sender, posts) values (?, ?, ?, ?, ?) returning id`,
			w.id, t.Subject, letter, t.Sender(), text).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("store a letter of wave %d: %w", w.id, err)
	}
	return id, nil
}
