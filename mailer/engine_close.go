package mailer

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Finish closes the issues of which nothing is open and no wave is to come, as
// [Engine.Tick] does, and returns them. It makes none, and may be called beside
// a tick: a wave that is published meanwhile opens its issue again.
func (e *Engine) Finish(ctx context.Context, now time.Time) (closed []Issue, err error) {
	var errs []error
	for i := range e.Digests {
		if err := e.finishDigest(ctx, &e.Digests[i], now, &closed); err != nil {
			errs = append(errs, &DigestError{Digest: e.Digests[i].Name, Err: err})
		}
	}
	return closed, errors.Join(errs...)
}

func (e *Engine) finishDigest(ctx context.Context, d *Digest, now time.Time, closed *[]Issue) error {
	issues, err := e.Press.UnfinishedIssues(ctx, d.Name)
	if err != nil || len(issues) == 0 {
		return err
	}
	rhythms, err := e.Calendar.Rhythms(ctx, d.Name)
	if err != nil {
		return err
	}
	groups := d.group(rhythms)
	for _, issue := range issues {
		if issue.Cancelled.IsZero() && issue.Cadence != Manual {
			due, later, err := e.instants(ctx, d, issue, groups[issue.Cadence], now)
			if err != nil {
				return fmt.Errorf("issue %s %s: %w", issue.Cadence, issue.Label, err)
			}
			if len(due) > 0 || later {
				continue
			}
		}
		if err := e.close(ctx, issue, now, closed); err != nil {
			return err
		}
	}
	return nil
}

// close closes an issue unless a letter of it is open.
func (e *Engine) close(ctx context.Context, issue Issue, now time.Time, closed *[]Issue) error {
	done, err := e.Press.CloseIssue(ctx, issue.ID, now)
	if done {
		issue.Closed = now
		*closed = append(*closed, issue)
	}
	return err
}
