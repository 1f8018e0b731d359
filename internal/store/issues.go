package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

const issueColumns = `id, digest, cadence, label, coalesce(number, 0), cut, due_at, opened_at, coalesce(closed_at, 0), coalesce(cancelled_at, 0), coalesce(held_at, 0)`

func scanIssue(row scanner) (i mailer.Issue, err error) {
	var due, opened, closed, cancelled, held int64
	err = row.Scan(&i.ID, &i.Digest, &i.Cadence, &i.Label, &i.Number, &i.Cut, &due, &opened, &closed, &cancelled, &held)
	i.Due, i.Opened, i.Closed, i.Cancelled, i.Held = instant(due), instant(opened), instant(closed), instant(cancelled), instant(held)
	return i, err
}

// issues returns the issues that a query over issueColumns gives.
func (db *DB) issues(ctx context.Context, text string, args ...any) (out []mailer.Issue, err error) {
	rows, err := (reader{db}).QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		i, err := scanIssue(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// UnfinishedIssues implements [mailer.Press].
func (db *DB) UnfinishedIssues(ctx context.Context, digest string) ([]mailer.Issue, error) {
	out, err := db.issues(ctx, `/* issues.UnfinishedIssues */ select `+issueColumns+` from issues indexed by issues_open where digest = ? and closed_at is null order by id`, digest)
	if err != nil {
		return nil, fmt.Errorf("read open issues: %w", err)
	}
	return out, nil
}

// openLetters holds for issue ?1 while one of its letters is neither sent nor
// explained. Each state is asked by the index that holds it.
const openLetters = `(exists (select 1 from waves w where w.issue = ?1 and (w.waiting > 0
		or exists (select 1 from deliveries d where d.wave = w.id and d.state = 'queued')
		or exists (select 1 from deliveries d where d.wave = w.id and d.state = 'deferred')
		or exists (select 1 from deliveries d where d.wave = w.id and d.state = 'unknown')))
	or exists (select 1 from deliveries d where d.owner <> '' and d.issue = ?1 and d.state in ('leased', 'inflight')))`

// CloseIssue implements [mailer.Press].
func (db *DB) CloseIssue(ctx context.Context, issue int64, now time.Time) (closed bool, err error) {
	// Asked outside of the writer first: while an issue goes out the answer is
	// no, many times.
	var busy bool
	if err = (reader{db}).QueryRowContext(ctx, `/* issues.CloseIssue */ select `+openLetters, issue).Scan(&busy); err == nil && !busy {
		err = db.Write(ctx, func(tx *Tx) error {
			n, err := changed(tx.Exec(`/* issues.CloseIssue */ update issues set closed_at = ?2 where id = ?1 and closed_at is null and not `+openLetters, issue, now.UnixMilli()))
			closed = n > 0
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("close issue %d: %w", issue, err)
	}
	return closed, nil
}
