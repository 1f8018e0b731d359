package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"tidings.example/mailer"
)

// OpenIssue is one whose letters are not all sent or explained.
type OpenIssue struct {
	ID     int64  `json:"-"`
	Number int64  `json:"number"` // 0 where no letter of it was frozen yet
	Digest string `json:"digest"`
}

// OpenIssues lists the issues that are neither closed nor cancelled, oldest
// first.
func (db *DB) OpenIssues(ctx context.Context) ([]OpenIssue, error) {
	return db.openIssues(ctx, `/* resume.OpenIssues */ select id, coalesce(number, 0), digest from issues where closed_at is null and cancelled_at is null order by id`)
}

// HeldIssues lists the issues that wait for their owner, oldest first.
func (db *DB) HeldIssues(ctx context.Context) ([]OpenIssue, error) {
	return db.openIssues(ctx, `/* resume.HeldIssues */ select id, coalesce(number, 0), digest from issues
		where held_at is not null and closed_at is null and cancelled_at is null order by id`)
}

func (db *DB) openIssues(ctx context.Context, text string) ([]OpenIssue, error) {
	rows, err := db.read.QueryContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("list open issues: %w", err)
	}
	defer rows.Close()
	out := []OpenIssue{}
	for rows.Next() {
		var i OpenIssue
		if err := rows.Scan(&i.ID, &i.Number, &i.Digest); err != nil {
			return nil, fmt.Errorf("list open issues: %w", err)
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// HoldIssues keeps what is open from being mailed until its owner retries or
// cancels it.
func (db *DB) HoldIssues(ctx context.Context, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* resume.HoldIssues */ update issues set held_at = coalesce(held_at, ?) where closed_at is null and cancelled_at is null`, now.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("hold the open issues: %w", err)
	}
	return nil
}

// ReleaseIssue lets a held issue go on, and counts the letters that waited.
func (db *DB) ReleaseIssue(ctx context.Context, issue int64) (waited int, err error) {
	var released int
	err = db.Write(ctx, func(tx *Tx) (err error) {
		released, err = changed(tx.Exec(`/* resume.ReleaseIssue */ update issues set held_at = null where id = ? and held_at is not null`, issue))
		return err
	})
	if err != nil || released == 0 {
		return 0, err
	}
	t, err := db.Tally(ctx, issue)
	return t[mailer.Queued] + t[mailer.Leased] + t[mailer.Inflight] + t[mailer.Deferred], err
}

// endedCause is why letters of an issue do not go that the owner takes as mailed.
const endedCause = "taken as mailed by the operator"

// EndIssue ends an issue as one that went out: nothing of it goes any more, and
// its posts do not come again. It may only be called where nobody sends: what
// was under way in the copied database is in doubt.
func (db *DB) EndIssue(ctx context.Context, issue int64, now time.Time) error {
	_, err := db.changeLetters(ctx, issue, `/* resume.EndIssue */ update deliveries set state = 'unknown', cause = ?1, doubt = 1, owner = '', lease_until = 0, updated_at = ?2
		where id > (?3 << 36) + ?4 and id <= (?3 << 36) + ?5 and state = 'inflight'`, "in doubt: it was under way when the database was copied", now)
	if err != nil {
		return fmt.Errorf("end issue %d: %w", issue, err)
	}
	if _, err := db.cancelIssue(ctx, issue, endedCause, now); err != nil {
		return err
	}
	err = db.byReaders(ctx, `/* resume.EndIssue */ delete from owed where subscriber > ?1 and subscriber <= ?2 and wave = 0
		and digest = (select digest from issues where id = ?3)
		and post in (select e.value from waves w join variants v on v.wave = w.id join json_each(v.posts) e where w.issue = ?3)`, issue)
	if err == nil {
		_, err = db.CloseIssue(ctx, issue, now)
	}
	if err != nil {
		return fmt.Errorf("end issue %d: %w", issue, err)
	}
	return nil
}

// SkipToNow takes every post that is released by now as served to every reader.
func (db *DB) SkipToNow(ctx context.Context) error {
	err := db.byReaders(ctx, `/* resume.SkipToNow */ update subscriptions set cursor = max(cursor, (select coalesce(max(seq), 0) from releases))
		where subscriber > ?1 and subscriber <= ?2 and ?3 = 0`, 0)
	if err != nil {
		return fmt.Errorf("move the readers on: %w", err)
	}
	return nil
}

// byReaders runs a statement over all readers in small commits. ?1 and ?2 bound
// the readers of a commit, ?3 is the argument.
func (db *DB) byReaders(ctx context.Context, text string, arg int64) error {
	p := newPace(changedTogether)
	for after := int64(0); ; {
		var upto int64
		err := db.writePaced(ctx, p, func(tx *Tx) error {
			err := tx.QueryRow(`/* resume.byReaders */ select coalesce(max(id), 0) from (select id from subscribers where id > ? order by id limit ?)`, after, p.size).Scan(&upto)
			if err == nil && upto > 0 {
				_, err = tx.Exec(text, after, upto, arg)
			}
			return err
		})
		if err != nil || upto == 0 {
			return err
		}
		after = upto
	}
}

// Lift lets a fenced database mail: from now on it is an instance of its own,
// whose first process makes its mark. A mark that was touched only is not asked
// about again: something here touches it.
func (db *DB) Lift(ctx context.Context, f Fence) error {
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`/* resume.Lift */ delete from meta where key in ('fence', 'mark', 'backup')`); err != nil {
			return err
		}
		if err := leaveIDs(tx); err != nil {
			return err
		}
		if f.Kind == FenceTouched {
			if err := setMeta(tx, "mark times", "any"); err != nil {
				return err
			}
		}
		return setMeta(tx, "instance", rand.Text())
	})
	if err != nil {
		return fmt.Errorf("lift the fence: %w", err)
	}
	return nil
}

// leaveIDs skips the ids that may have been given after this database was
// copied. An issue would have the Message-IDs of another one, whose readers'
// mail programs would take it for a copy; the link in a letter of somebody who
// is lost would unsubscribe whoever came next.
func leaveIDs(tx *Tx) error {
	for _, text := range []string{
		`insert into sqlite_sequence (name, seq) select t.name, 0 from (select 'subscribers' name union all select 'issues') t
			where not exists (select 1 from sqlite_sequence s where s.name = t.name)`,
		`update sqlite_sequence set seq = seq + iif(name = 'subscribers', 1000000, 1000)`,
	} {
		if _, err := tx.Exec("/* resume.leaveIDs */ " + text); err != nil {
			return err
		}
	}
	return nil
}
