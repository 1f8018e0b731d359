package store

import (
	"context"
	"fmt"
	"time"
)

// cancelCause is why letters of a cancelled issue do not go; the trigger
// deliveries_cancelled writes the same.
const cancelCause = "cancelled by the operator"

// cancelText ends what did not begin to go, and what nobody knows of.
const cancelText = `/* issues.CancelIssue */ update deliveries set state = 'cancelled', cause = ?1, owner = '', lease_until = 0, updated_at = ?2
	where id > (?3 << 36) + ?4 and id <= (?3 << 36) + ?5 and state in ('queued', 'leased', 'deferred', 'unknown')
	and exists (select 1 from issues where id = deliveries.issue and cancelled_at is not null)`

// Cancelled counts the letters that a cancelled issue stopped.
type Cancelled struct {
	// Letters did not go, or nobody knows; InDoubt are those of them that may
	// have arrived.
	Letters, InDoubt int
}

// CancelIssue stops an issue: it gets no further waves, and its letters that
// did not begin to go are cancelled, which returns their posts to the readers'
// debt, but for those that may have arrived. Letters under way may arrive; what
// comes back of them does not go again.
func (db *DB) CancelIssue(ctx context.Context, issue int64, now time.Time) (Cancelled, error) {
	return db.cancelIssue(ctx, issue, cancelCause, now)
}

func (db *DB) cancelIssue(ctx context.Context, issue int64, cause string, now time.Time) (c Cancelled, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* issues.CancelIssue */ update issues set cancelled_at = coalesce(cancelled_at, ?) where id = ? and closed_at is null`, now.UnixMilli(), issue)
		return err
	})
	if err == nil {
		err = db.takeAll(ctx, issue, now)
	}
	if err == nil {
		c.InDoubt, err = db.changeLetters(ctx, issue, cancelText+` and doubt = 1`, cause+"; it may have arrived", now)
	}
	if err == nil {
		c.Letters, err = db.changeLetters(ctx, issue, cancelText, cause, now)
		c.Letters += c.InDoubt
	}
	if err != nil {
		return c, fmt.Errorf("cancel issue %d: %w", issue, err)
	}
	return c, nil
}

// Retried counts the letters of an issue that go again.
type Retried struct {
	Queued int `json:"queued"`
	// Released waited because the issue was held.
	Released int `json:"released"`
}

// RetryIssue queues again what may or may not have gone out (unknown) and what
// failed. A letter whose posts the reader got by a later one stays as it is.
// Nothing of a cancelled issue goes again. An issue that was held goes on.
func (db *DB) RetryIssue(ctx context.Context, issue int64, now time.Time) (r Retried, err error) {
	if r.Released, err = db.ReleaseIssue(ctx, issue); err != nil {
		return r, fmt.Errorf("retry issue %d: %w", issue, err)
	}
	r.Queued, err = db.changeLetters(ctx, issue, `/* issues.RetryIssue */ update deliveries set state = 'queued', cause = ?1, attempts = 0, due_at = ?2, updated_at = ?2
		where id > (?3 << 36) + ?4 and id <= (?3 << 36) + ?5 and state in ('unknown', 'failed')
		and not exists (select 1 from issues where id = deliveries.issue and cancelled_at is not null)`, "queued again by the operator", now)
	if err != nil {
		return r, fmt.Errorf("retry issue %d: %w", issue, err)
	}
	return r, nil
}

// changedTogether is how many letters one commit looks at first: what ends or
// opens them wakes triggers.
const changedTogether = 1000

// changeLetters runs an update over the letters of an issue in small commits,
// and counts what it changed. ?1 is the cause, ?2 the time, ?3 the issue; ?4 and
// ?5 bound the subscribers of a commit.
func (db *DB) changeLetters(ctx context.Context, issue int64, text, cause string, now time.Time) (count int, err error) {
	p := newPace(changedTogether)
	for after := int64(0); ; {
		var upto int64
		err := db.writePaced(ctx, p, func(tx *Tx) error {
			if err := tx.QueryRow(`/* issues.changeLetters */ select coalesce(max(subscriber), 0) from (select subscriber from deliveries
				where id > (?1 << 36) + ?2 and id < ?1 + 1 << 36 order by id limit ?3)`, issue, after, p.size).Scan(&upto); err != nil || upto == 0 {
				return err
			}
			n, err := changed(tx.Exec(text, cause, now.UnixMilli(), issue, after, upto))
			count += n
			return err
		})
		if err != nil || upto == 0 {
			return count, err
		}
		after = upto
	}
}
