package store

import (
	"context"
	"errors"
	"fmt"

	"tidings.example/mailer"
)

// Issues returns up to limit issues that readers got or will get, newest first.
func (db *DB) Issues(ctx context.Context, limit int) ([]mailer.Issue, error) {
	out, err := db.issues(ctx, `/* issues.Issues */ select `+issueColumns+` from issues where number is not null order by number desc limit ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	return out, nil
}

// IssueNumbered returns the issue of a number; false where there is none.
func (db *DB) IssueNumbered(ctx context.Context, number int64) (mailer.Issue, bool, error) {
	out, err := db.issues(ctx, `/* issues.IssueNumbered */ select `+issueColumns+` from issues where number = ?`, number)
	if err != nil || len(out) == 0 {
		return mailer.Issue{}, false, err
	}
	return out[0], true, nil
}

// Issue returns an issue by its id.
func (db *DB) Issue(ctx context.Context, id int64) (mailer.Issue, error) {
	out, err := db.issues(ctx, `/* issues.Issue */ select `+issueColumns+` from issues where id = ?`, id)
	if err == nil && len(out) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		return mailer.Issue{}, fmt.Errorf("issue with id %d: %w", id, err)
	}
	return out[0], nil
}

// LastCut returns the cut of a digest's newest issue, 0 before its first.
func (db *DB) LastCut(ctx context.Context, digest string) (cut int64, err error) {
	err = db.read.QueryRowContext(ctx, `/* issues.LastCut */ select coalesce(max(cut), 0) from issues where digest = ? and number is not null`, digest).Scan(&cut)
	if err != nil {
		return 0, fmt.Errorf("last issue of %s: %w", digest, err)
	}
	return cut, nil
}

// Undelivered is a letter of an issue that was not sent, and why.
type Undelivered struct {
	Subscriber int64                `json:"subscriber"`
	Address    string               `json:"address"` // "" where it was erased
	State      mailer.DeliveryState `json:"state"`
	Cause      string               `json:"cause"`
	Reply      string               `json:"reply,omitempty"`
}

// Undelivered lists up to limit letters of an issue that were not sent.
func (db *DB) Undelivered(ctx context.Context, issue int64, limit int) (out []Undelivered, err error) {
	rows, err := db.read.QueryContext(ctx, `/* issues.Undelivered */ select d.subscriber, coalesce(s.address, ''), d.state, d.cause, d.reply
		from deliveries d left join subscribers s on s.id = d.subscriber
		where d.id between ?1 << 36 and (?1 + 1 << 36) - 1 and d.state <> 'sent' order by d.id limit ?2`, issue, limit)
	if err != nil {
		return nil, fmt.Errorf("list undelivered letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var u Undelivered
		if err := rows.Scan(&u.Subscriber, &u.Address, &u.State, &u.Cause, &u.Reply); err != nil {
			return nil, fmt.Errorf("list undelivered letters: %w", err)
		}
		out = append(out, u)
	}
	return out, rows.Err()
}
