package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"tidings.example/mailer"
)

// importChunk is how many rows of a list share a commit.
const importChunk = 500

// Import adds the rows of a list, a chunk in a commit, and tells each what
// became of every row, after it is durable. A list that breaks off in the
// middle leaves what was told until then; importing it again does no harm.
func (db *DB) Import(ctx context.Context, rows iter.Seq2[mailer.ImportRow, error], o mailer.ImportOptions, now time.Time, each func(mailer.Imported) error) error {
	target, prepare := db, func(context.Context, []mailer.ImportRow) error { return nil }
	if o.DryRun {
		r, err := newRehearsal(ctx, db, o.Digest)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		defer r.close()
		target, prepare = r.scratch, r.copy
	}
	chunk := make([]mailer.ImportRow, 0, importChunk)
	flush := func() error {
		if err := prepare(ctx, chunk); err != nil {
			return fmt.Errorf("import: %w", err)
		}
		done, err := target.importRows(ctx, chunk, o, now)
		if err != nil {
			return fmt.Errorf("import: lines %d to %d: %w", chunk[0].Line, chunk[len(chunk)-1].Line, err)
		}
		chunk = chunk[:0]
		for _, i := range done {
			if err := each(i); err != nil {
				return err
			}
		}
		return nil
	}
	for row, err := range rows {
		if err != nil {
			if len(chunk) > 0 {
				err = errors.Join(flush(), err)
			}
			return err
		}
		if chunk = append(chunk, row); len(chunk) == importChunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(chunk) == 0 {
		return nil
	}
	return flush()
}

// importRows takes some rows in one commit.
func (db *DB) importRows(ctx context.Context, rows []mailer.ImportRow, o mailer.ImportOptions, now time.Time) (done []mailer.Imported, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		done = make([]mailer.Imported, 0, len(rows))
		h, err := newHasher(tx, now)
		if err != nil {
			return err
		}
		for _, row := range rows {
			i, err := importRow(tx, h, row, o, now)
			if err != nil {
				return err
			}
			done = append(done, i)
		}
		return nil
	})
	return done, err
}

func importRow(tx *Tx, h hasher, row mailer.ImportRow, o mailer.ImportOptions, now time.Time) (i mailer.Imported, err error) {
	i.Row = row
	switch {
	case row.Problem != "":
		return i, nil
	case row.Suppress != "":
		i.Outcome, i.Reason = mailer.Suppressed, row.Suppress
		known, err := suppressed(tx, h.hash(row.Address))
		if err != nil {
			return i, err
		}
		if known == mailer.SuppressedErased {
			// Of somebody who was erased no list brings the address back.
			row.Suppress = mailer.SuppressedErased
		}
		return i, suppress(tx, h, row.Address, row.Suppress, row.Note, now)
	}
	n := mailer.NewSubscriber{Address: row.Address, Digest: o.Digest, Consent: o.Consent, Import: true, Name: row.Name, Language: row.Language, FromStart: o.FromStart}
	if row.Pending {
		n.Consent = ""
	}
	i.Outcome, i.Reason, err = add(tx, h, n, now)
	i.Active = n.Consent != "" && (i.Outcome == mailer.Added || i.Outcome == mailer.Confirmed)
	return i, err
}

// rehearsal is a database of its own in which an import happens for show: rows
// that repeat or contradict each other come out exactly as they would.
type rehearsal struct {
	real, scratch *DB
	dir, digest   string
	hasher        hasher
}

func newRehearsal(ctx context.Context, db *DB, digest string) (*rehearsal, error) {
	dir, err := os.MkdirTemp("", "tidings-dry-run-")
	if err != nil {
		return nil, err
	}
	r := &rehearsal{real: db, dir: dir, digest: digest}
	if r.scratch, err = Open(ctx, filepath.Join(dir, "dry.db"), true); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	keys, err := db.keys(ctx, eraseKey)
	if err == nil && len(keys) > 0 {
		r.hasher.secret = keys[0].Secret
		err = r.scratch.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(`/* subscribers.rehearsal */ insert into keys (purpose, secret, created_at) values (?, ?, 0)`, eraseKey, keys[0].Secret)
			return err
		})
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *rehearsal) close() {
	// Nothing in there is worth an error: it is about to go.
	_ = r.scratch.Close()
	_ = os.RemoveAll(r.dir)
}

// known is what a rehearsal must know of one address.
type known struct {
	address mailer.Address
	hash    string
	id      int64
	state   string
	// confirmed and left are those of the digest, nil for none.
	subscribed      bool
	confirmed, left *int64
	reasons         []string
}

// copy brings what is known of the addresses of a chunk into the scratch
// database, unless it is there.
func (r *rehearsal) copy(ctx context.Context, rows []mailer.ImportRow) error {
	var all []known
	for _, row := range rows {
		if row.Problem != "" {
			continue
		}
		k, err := r.look(ctx, row.Address)
		if err != nil {
			return err
		}
		if k.id != 0 || len(k.reasons) > 0 {
			all = append(all, k)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return r.scratch.Write(ctx, func(tx *Tx) error {
		for _, k := range all {
			if err := k.write(tx, r.digest); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *rehearsal) look(ctx context.Context, a mailer.Address) (k known, err error) {
	k = known{address: a, hash: r.hasher.hash(a)}
	found, err := collect[int64](ctx, r.real.read, `/* subscribers.rehearsal */ select id from subscribers where address_key = ?`, a.Key)
	if err == nil && len(found) == 1 {
		k.id = found[0]
		err = r.real.read.QueryRowContext(ctx, `/* subscribers.rehearsal */ select u.state, s.subscriber is not null, s.confirmed_at, s.left_at
			from subscribers u left join subscriptions s on s.subscriber = u.id and s.digest = ? where u.id = ?`, r.digest, k.id).Scan(&k.state, &k.subscribed, &k.confirmed, &k.left)
	}
	if err == nil {
		k.reasons, err = collect[string](ctx, r.real.read, `/* subscribers.rehearsal */ select reason from suppressions where hash = ?`, k.hash)
	}
	return k, err
}

func (k known) write(tx *Tx, digest string) error {
	// What is in the scratch database already is newer: the import made it.
	var seen bool
	if err := tx.QueryRow(`/* subscribers.rehearsal */ select exists (select 1 from subscribers where address_key = ?)
		or exists (select 1 from suppressions where hash = ?)`, k.address.Key, k.hash).Scan(&seen); err != nil || seen {
		return err
	}
	for _, reason := range k.reasons {
		if _, err := tx.Exec(`/* subscribers.rehearsal */ insert into suppressions (hash, reason, at) values (?, ?, 0)`, k.hash, reason); err != nil {
			return err
		}
	}
	if k.id == 0 {
		return nil
	}
	if _, err := tx.Exec(`/* subscribers.rehearsal */ insert into subscribers (id, address, address_key, hash, state, created_at, changed_at) values (?, '', ?, ?, ?, 0, 0)`,
		k.id, k.address.Key, k.hash, k.state); err != nil || !k.subscribed {
		return err
	}
	_, err := tx.Exec(`/* subscribers.rehearsal */ insert into subscriptions (subscriber, digest, cursor, created_at, confirmed_at, left_at) values (?, ?, 0, 0, ?, ?)`,
		k.id, digest, k.confirmed, k.left)
	return err
}
