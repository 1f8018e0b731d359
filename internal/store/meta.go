package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Remember returns the value kept under the key. The first value that is given
// is kept for ever: whoever comes later gets that one.
func (db *DB) Remember(ctx context.Context, key, value string) (string, error) {
	var kept string
	err := db.read.QueryRowContext(ctx, "/* store.Remember */ select value from meta where key = ?", key).Scan(&kept)
	if err == nil {
		return kept, nil
	}
	err = db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec("/* store.Remember */ insert into meta (key, value) values (?, ?) on conflict (key) do nothing", key, value); err != nil {
			return err
		}
		return tx.QueryRow("/* store.Remember */ select value from meta where key = ?", key).Scan(&kept)
	})
	if err != nil {
		return "", fmt.Errorf("remember %s: %w", key, err)
	}
	return kept, nil
}

// Recall returns the value kept under the key, "" where there is none.
func (db *DB) Recall(ctx context.Context, key string) (string, error) {
	kept, err := collect[string](ctx, db.read, "/* store.Recall */ select value from meta where key = ?", key)
	if err != nil {
		return "", fmt.Errorf("recall %s: %w", key, err)
	}
	if len(kept) == 0 {
		return "", nil
	}
	return kept[0], nil
}

// FeedID is the key of the id that the feed of all posts had before it was
// ours; see [DB.SetIDs].
const FeedID = "feed id"

// setFeedID lets the feed of all posts go on under the id that readers hold.
func setFeedID(tx *Tx, t *terms, id string) error {
	if id == "" {
		return nil
	}
	res, err := tx.Exec("/* store.setFeedID */ insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value where value <> excluded.value", FeedID, id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return t.touch(0) // the feeds are written anew
}

// Tripwire notices that others have committed. It is used by one goroutine.
type Tripwire struct {
	conn *sql.Conn
	last int64
}

// Tripwire returns a tripwire that has seen all commits so far. Close it before
// the database.
func (db *DB) Tripwire(ctx context.Context) (*Tripwire, error) {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("watch the database: %w", err)
	}
	t := &Tripwire{conn: conn}
	if _, err := t.Tripped(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return t, nil
}

// Tripped tells whether another connection, of this process or another one,
// has committed since the last call. It costs next to nothing.
func (t *Tripwire) Tripped(ctx context.Context) (bool, error) {
	var n int64
	// The number means something only within one connection.
	if err := t.conn.QueryRowContext(ctx, "pragma data_version").Scan(&n); err != nil {
		return false, fmt.Errorf("watch the database: %w", err)
	}
	tripped := n != t.last
	t.last = n
	return tripped, nil
}

// Close takes the tripwire away.
func (t *Tripwire) Close() error { return t.conn.Close() }
