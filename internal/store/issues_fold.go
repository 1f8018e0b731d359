package store

import (
	"context"
	"fmt"
	"time"
)

// foldAge is how long a closed issue keeps a row for every letter: late reports
// come in that time.
const foldAge = 14 * 24 * time.Hour

// Tidy does what need not be done at once and never holds the writer for long:
// it writes the cursors of published waves, and folds issues that closed more
// than 14 days ago. It returns how many rows it folded, and may be interrupted
// anywhere.
func (db *DB) Tidy(ctx context.Context, now time.Time) (folded int, err error) {
	if err := db.serve(ctx); err != nil {
		return 0, err
	}
	issues, err := collect[int64](ctx, reader{db}, `/* issues.Tidy */ select id from issues indexed by issues_unfolded
		where closed_at is not null and folded_at is null and closed_at <= ? order by closed_at`, now.Add(-foldAge).UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("look for issues to fold: %w", err)
	}
	for _, issue := range issues {
		n, err := db.fold(ctx, issue, now)
		folded += n
		if err != nil {
			return folded, fmt.Errorf("fold issue %d: %w", issue, err)
		}
	}
	return folded, nil
}

// fold deletes the rows of the sent letters of an issue: who is a member of a
// wave and has no row got the letter. What failed, bounced or is in doubt keeps
// its row.
func (db *DB) fold(ctx context.Context, issue int64, now time.Time) (folded int, err error) {
	waves, err := collect[int64](ctx, reader{db}, `/* issues.fold */ select id from waves where issue = ? and published_at is not null`, issue)
	if err != nil {
		return 0, err
	}
	for _, wave := range waves {
		if err := db.listMembers(ctx, issue, wave); err != nil {
			return 0, err
		}
	}
	p := newPace(1000)
	for after := int64(0); ; {
		var upto int64
		err := db.writePaced(ctx, p, func(tx *Tx) error {
			n := 0
			var err error
			upto, n, err = foldSome(tx, issue, after, p.size)
			folded += n
			return err
		})
		if err != nil {
			return folded, err
		}
		if upto == 0 {
			break
		}
		after = upto
	}
	return folded, db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* issues.fold */ update issues set folded_at = ? where id = ? and closed_at is not null`, now.UnixMilli(), issue)
		return err
	})
}

// foldSome looks at up to limit rows behind a subscriber, and returns the last
// one's, 0 when there are no more. The rows go and are counted in one commit.
func foldSome(tx *Tx, issue, after int64, limit int) (upto int64, folded int, err error) {
	if err := tx.QueryRow(`/* issues.fold */ select coalesce(max(subscriber), 0) from (select subscriber from deliveries
		where id > (?1 << 36) + ?2 and id < ?1 + 1 << 36 order by id limit ?3)`, issue, after, limit).Scan(&upto); err != nil || upto == 0 {
		return 0, 0, err
	}
	if _, err := tx.Exec(`/* issues.fold */ update waves set folded = folded + (select count(*) from deliveries d
		where d.id > (?1 << 36) + ?2 and d.id <= (?1 << 36) + ?3 and d.state = 'sent' and d.wave = waves.id)
		where issue = ?1 and exists (select 1 from issues i where i.id = ?1 and i.closed_at is not null)`, issue, after, upto); err != nil {
		return 0, 0, err
	}
	folded, err = changed(tx.Exec(`/* issues.fold */ delete from deliveries where id > (?1 << 36) + ?2 and id <= (?1 << 36) + ?3 and state = 'sent'
		and exists (select 1 from issues i where i.id = ?1 and i.closed_at is not null)`, issue, after, upto))
	return upto, folded, err
}

// listMembers makes the lists of members of a wave that has none: of a release that
// wrote rows alone.
func (db *DB) listMembers(ctx context.Context, issue, wave int64) error {
	for n := partSize; n == partSize; {
		err := db.Write(ctx, func(tx *Tx) error {
			rows, err := tx.Query(`/* issues.listMembers */ select subscriber, variant from deliveries
				where id > (?1 << 36) + coalesce((select max(last) from members where wave = ?2), 0) and id < ?1 + 1 << 36 and wave = ?2 order by id limit ?3`, issue, wave, partSize)
			if err != nil {
				return err
			}
			defer rows.Close()
			var some []member
			for rows.Next() {
				var m member
				if err := rows.Scan(&m.subscriber, &m.variant); err != nil {
					return err
				}
				some = append(some, m)
			}
			if n = len(some); n == 0 {
				return rows.Err()
			}
			return writePart(tx, wave, some)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
