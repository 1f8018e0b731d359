package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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

// dropChunk is how many rows one commit deletes.
const dropChunk = 5000

// dropWave deletes an unpublished wave, itself last: until then it is known
// that there is something to delete.
func (db *DB) dropWave(ctx context.Context, wave int64) error {
	for _, t := range []string{
		`delete from deliveries where id in (select id from deliveries where wave = ?1 limit ?2) and exists (select 1 from waves where id = ?1 and published_at is null)`,
		`delete from variants where id in (select id from variants where wave = ?1 limit ?2) and exists (select 1 from waves where id = ?1 and published_at is null)`,
		dropShares,
		`delete from waves where id = ?1 and published_at is null and ?2 > 0`,
	} {
		if err := db.deleteAll(ctx, t, wave); err != nil {
			return fmt.Errorf("drop wave %d: %w", wave, err)
		}
	}
	return nil
}

// dropShares deletes some of the shares of a wave that needs them no more.
const dropShares = `delete from shares where wave = ?1 and (zone, language, cursor, topics, extra) in
	(select zone, language, cursor, topics, extra from shares where wave = ?1 limit ?2)`

// deleteAll runs a delete with a limit until nothing is left.
func (db *DB) deleteAll(ctx context.Context, text string, wave int64) error {
	for {
		var n int
		err := db.Write(ctx, func(tx *Tx) (err error) {
			n, err = changed(tx.Exec("/* issues.deleteAll */ "+text, wave, dropChunk))
			return err
		})
		if err != nil || n < dropChunk {
			return err
		}
	}
}

// wave implements [mailer.Wave].
type wave struct {
	db *DB
	id int64
	g  mailer.Group
	// again is JSON of g.Again, or "".
	again string
}

// Wave implements [mailer.Press].
func (db *DB) Wave(id int64, g mailer.Group) mailer.Wave { return newWave(db, id, g) }

func newWave(db *DB, id int64, g mailer.Group) *wave {
	w := &wave{db: db, id: id, g: g}
	if g.Again != nil {
		if text, err := json.Marshal(g.Again); err == nil {
			w.again = string(text)
		}
	}
	return w
}

// The parts of the queries over the readers of a wave. Parameters have names:
// the texts are put together in more than one way.
const (
	// cursorOf is how far a reader was served: the cut of the last published
	// wave counts, that of an unpublished one does not.
	cursorOf = `max(s.cursor, coalesce((select i.cut from waves w join issues i on i.id = w.issue where w.id = s.wave and w.published_at is not null), 0))`

	// owedOf is the posts whose letters did not arrive and that no wave took up.
	owedOf = `iif(exists (select 1 from owed o where o.subscriber = s.subscriber and o.digest = s.digest),
		(select json_group_array(o.post) from (select post from owed o where o.subscriber = s.subscriber and o.digest = s.digest
		and not exists (select 1 from waves w where w.id = o.wave and w.published_at is not null) order by o.post) o), '[]')`

	// servedOf is those of the posts asked for that the reader was served.
	servedOf = `(select json_group_array(x.value) from (select distinct e.value from deliveries d join issues i on i.id = d.issue and i.digest = s.digest
		join variants v on v.id = d.variant join json_each(v.posts) e
		where d.subscriber = s.subscriber and d.state not in ('failed', 'expired', 'cancelled', 'skipped')
		and e.value in (select value from json_each(@again)) order by 1) x)`

	// languageOf is "" where the reader follows the digest.
	languageOf = `u.language`

	// unserved are the readers of a rhythm who may get a letter and are in no
	// wave of the issue; an unpublished one that is not this is as good as gone.
	// A reader remembers the last wave only: who had a letter of the issue, and
	// of another one since, is known by the delivery.
	unserved = `from subscriptions s indexed by subscriptions_live join subscribers u on u.id = s.subscriber
		where s.digest = @digest and s.cadence = @cadence and s.zone = @zone and s.hour = @hour and s.minute = @minute
		and s.confirmed_at is not null and s.left_at is null and u.state = 'active'
		and not exists (select 1 from suppressions x where x.hash = u.hash)
		and not exists (select 1 from waves w where w.id = s.wave and w.issue = @issue and (w.published_at is not null or w.id = @wave))
		and not exists (select 1 from deliveries d where d.issue = @issue and d.subscriber = s.subscriber)`
)

// extraOf is the key of what differs between readers beside cursor and topics.
func (w *wave) extraOf() string {
	if w.again == "" {
		return owedOf
	}
	return owedOf + ` || '|' || ` + servedOf
}

// args are the named parameters of a rhythm.
func (w *wave) args(r mailer.Rhythm, more ...any) []any {
	return append([]any{
		sql.Named("digest", w.g.Issue.Digest), sql.Named("cadence", string(r.Cadence)), sql.Named("zone", r.Zone),
		sql.Named("hour", r.Hour), sql.Named("minute", r.Minute), sql.Named("issue", w.g.Issue.ID), sql.Named("wave", w.id),
		sql.Named("again", w.again),
	}, more...)
}

// Interests implements [mailer.Wave].
func (w *wave) Interests(ctx context.Context, r mailer.Rhythm, each func(mailer.Interest) error) (err error) {
	rows, err := (reader{w.db}).QueryContext(ctx, `/* issues.Interests */ select zone, language, cursor, topics, extra, readers from (
		select s.zone zone, `+languageOf+` language, `+cursorOf+` cursor, s.topics topics, `+w.extraOf()+` extra, count(*) readers `+unserved+` group by 1, 2, 3, 4, 5) t
		where not exists (select 1 from shares p where p.wave = @wave and p.zone = t.zone and p.language = t.language and p.cursor = t.cursor and p.topics = t.topics and p.extra = t.extra)`, w.args(r)...)
	if err != nil {
		return fmt.Errorf("read the interests of wave %d: %w", w.id, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var in mailer.Interest
		if err := rows.Scan(&in.Zone, &in.Language, &in.Cursor, &in.Topics, &in.Key, &in.Readers); err != nil {
			return fmt.Errorf("read the interests of wave %d: %w", w.id, err)
		}
		owed, served, _ := strings.Cut(in.Key, "]|")
		if served != "" {
			owed += "]"
			if err := json.Unmarshal([]byte(served), &in.Served); err != nil {
				return fmt.Errorf("served posts %q: %w", served, err)
			}
		}
		if err := json.Unmarshal([]byte(owed), &in.Owed); err != nil {
			return fmt.Errorf("owed posts %q: %w", owed, err)
		}
		if err := each(in); err != nil {
			return err
		}
	}
	return rows.Err()
}

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

// Share implements [mailer.Wave].
func (w *wave) Share(ctx context.Context, in mailer.Interest, variant int64) error {
	err := w.db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* issues.Share */ insert into shares (wave, zone, language, cursor, topics, extra, variant) values (?, ?, ?, ?, ?, ?, nullif(?, 0))
			on conflict do update set variant = excluded.variant`, w.id, in.Zone, in.Language, in.Cursor, in.Topics, in.Key, variant)
		return err
	})
	if err != nil {
		return fmt.Errorf("store a share of wave %d: %w", w.id, err)
	}
	return nil
}
