package store

import (
	"context"
	"fmt"

	"tidings.example/mailer"
	"tidings.example/posts"
)

var _ mailer.Shelf = (*DB)(nil)

// MailablePosts implements [mailer.Shelf].
func (db *DB) MailablePosts(ctx context.Context, after, upto int64, limit int) ([]posts.Record, error) {
	out, err := gather(ctx, reader{db}, false, `/* issues.MailablePosts */ select `+recordColumns+` from releases r join posts p on p.key = r.post`+joinSource+joinFile+`
		where r.seq > ? and r.seq <= ? and r.mailable and r.withdrawn_at = 0 order by r.seq limit ?`, after, upto, limit)
	if err != nil {
		return nil, fmt.Errorf("read posts to be mailed: %w", err)
	}
	return out, nil
}

// Looked implements [mailer.Shelf].
func (db *DB) Looked(ctx context.Context, digest string) (seen, highest int64, err error) {
	err = (reader{db}).QueryRowContext(ctx, `/* issues.Looked */ select coalesce((select cast(value as integer) from meta where key = ?), 0),
		(select coalesce(max(seq), 0) from releases)`, "immediate:"+digest).Scan(&seen, &highest)
	if err != nil {
		return 0, 0, fmt.Errorf("read the mark of %s: %w", digest, err)
	}
	return seen, highest, nil
}

// Look implements [mailer.Shelf].
func (db *DB) Look(ctx context.Context, digest string, seen int64) error {
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* issues.Look */ insert into meta (key, value) values (?, cast(? as text))
			on conflict (key) do update set value = excluded.value`, "immediate:"+digest, seen)
		return err
	})
	if err != nil {
		return fmt.Errorf("write the mark of %s: %w", digest, err)
	}
	return nil
}
