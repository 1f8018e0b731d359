package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// rehearsal is a database of its own in which an import happens for show: rows
// that repeat or contradict each other come out exactly as they would.
type rehearsal struct {
	real, scratch *DB
	dir, digest   string
}

func newRehearsal(ctx context.Context, db *DB, digest string) (r *rehearsal, err error) {
	dir, err := os.MkdirTemp("", "tidings-dry-run-")
	if err != nil {
		return nil, err
	}
	r = &rehearsal{real: db, dir: dir, digest: digest}
	if r.scratch, err = Open(ctx, filepath.Join(dir, "dry.db"), true); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	// It need not survive anything.
	if err := r.scratch.writer.giveUp(); err != nil {
		return nil, err
	}
	var taken int64
	if err := db.read.QueryRowContext(ctx, `/* import.rehearsal */ select coalesce((select seq from sqlite_sequence where name = 'subscribers'), 0)`).Scan(&taken); err != nil {
		return nil, err
	}
	// The numbers of those who are copied later must be free.
	return r, r.scratch.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* import.rehearsal */ insert into sqlite_sequence (name, seq) values ('subscribers', ?)`, taken)
		return err
	})
}

func (r *rehearsal) close() {
	// Nothing in there is worth an error: it is about to go.
	_ = r.scratch.Close()
	_ = os.RemoveAll(r.dir)
}

// copy brings what is known of some addresses into the scratch database. What is
// there already is newer: the import made it.
func (r *rehearsal) copy(ctx context.Context, rows []*incoming) error {
	if len(rows) == 0 {
		return nil
	}
	known, err := acquaintances(r.real.asks(ctx), r.digest, rows)
	if err != nil || len(known) == 0 {
		return err
	}
	return r.scratch.Write(ctx, func(tx *Tx) error {
		for _, k := range known {
			if err := k.write(tx, r.digest); err != nil {
				return err
			}
		}
		return nil
	})
}

func (k *acquaintance) write(tx *Tx, digest string) error {
	for _, reason := range k.reasons {
		if _, err := tx.Exec(`/* import.rehearsal */ insert into suppressions (hash, reason, at) values (?, ?, 0) on conflict do nothing`, k.hash, string(reason)); err != nil {
			return err
		}
	}
	if k.id == 0 {
		return nil
	}
	n, err := changed(tx.Exec(`/* import.rehearsal */ insert into subscribers (id, address, address_key, hash, state, created_at, changed_at) values (?, '', ?, ?, ?, 0, 0)
		on conflict do nothing`, k.id, k.address, k.hash, string(k.state)))
	if err != nil || n == 0 || !k.subscribed {
		return err
	}
	_, err = tx.Exec(`/* import.rehearsal */ insert into subscriptions (subscriber, digest, cursor, created_at, confirmed_at, left_at) values (?, ?, 0, 0, ?, ?)`,
		k.id, digest, k.confirmed, k.left)
	return err
}
