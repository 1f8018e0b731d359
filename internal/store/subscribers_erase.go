package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

// Erase forgets a person: of the address nothing stays but a keyed hash, which
// keeps later imports from mailing them. It tells whether there was somebody.
// Open letters are cancelled, deliveries keep their id, and what was agreed to
// becomes dates under the hash.
func (db *DB) Erase(ctx context.Context, a mailer.Address, now time.Time) (found bool, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		h, err := newHasher(tx, now)
		if err != nil {
			return err
		}
		p, err := find(tx, a)
		if err != nil {
			return err
		}
		found = p.id != 0
		// Mail that was kept for a person may name the address.
		if _, err := tx.Exec(`/* subscribers.Erase */ delete from bounces where kind in ('other', 'unproven', 'auto-reply', 'challenge')
			and (instr(lower(coalesce(cast(message as text), '')), lower(?1)) > 0 or instr(lower(author || ' ' || subject || ' ' || reply), lower(?1)) > 0)`, a.Mailed); err != nil {
			return err
		}
		return erase(tx, h.hash(a), p, now)
	})
	if err != nil {
		return false, fmt.Errorf("erase a subscriber: %w", err)
	}
	if err := db.forgetLog(ctx); err != nil {
		return found, fmt.Errorf("erase a subscriber: %w", err)
	}
	return found, nil
}

func erase(tx *Tx, hash string, p person, now time.Time) error {
	at := now.UnixMilli()
	if err := takeOne(tx, p.id, at); err != nil {
		return err
	}
	steps := []struct {
		text string
		args []any
	}{
		{`insert into suppressions (hash, reason, at) values (?, 'erased', ?) on conflict do nothing`, []any{hash, at}},
		{`delete from suppressions where hash = ? and reason = 'unsubscribed'`, []any{hash}},
		{`update suppressions set address = '', note = '' where hash = ?`, []any{hash}},
		{`update consents set subscriber = null, statement = '' where subscriber = ?`, []any{p.id}},
		{`delete from owed where subscriber = ?`, []any{p.id}},
		{`delete from subscriptions where subscriber = ?`, []any{p.id}},
		// A letter under way is ended, too: its reply would bring the address back.
		{`update deliveries set state = 'cancelled', cause = 'erased', owner = '', lease_until = 0, updated_at = ?
			where id in (select id << 36 | ? from issues) and state in ('queued', 'leased', 'inflight', 'deferred', 'unknown')`, []any{at, p.id}},
		{`update deliveries set address = '', reply = '' where id in (select id << 36 | ? from issues)`, []any{p.id}},
		{`update notices set state = 'cancelled', cause = 'erased', owner = '', lease_until = 0, updated_at = ?
			where subscriber = ? and state in ('queued', 'leased', 'inflight', 'deferred', 'unknown')`, []any{at, p.id}},
		{`update notices set recipient = '', subject = '', letter = x'', address = '', reply = '' where subscriber = ?`, []any{p.id}},
		{`delete from bounces where subscriber = ?`, []any{p.id}},
		{`delete from subscribers where id = ?`, []any{p.id}},
	}
	for _, s := range steps {
		if p.id == 0 && s.args[len(s.args)-1] == any(p.id) {
			continue // nobody is subscriber 0: it stands for the owner
		}
		if _, err := tx.Exec("/* subscribers.erase */ "+s.text, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// forgetLog moves what the write-ahead log holds into the database and cuts it
// to nothing: it keeps older versions of pages.
func (db *DB) forgetLog(ctx context.Context) error {
	conn, err := sql.Open("sqlite", dsn(db.path, false))
	if err != nil {
		return err
	}
	var busy, log, moved int
	err = conn.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&busy, &log, &moved)
	if err == nil && busy != 0 {
		err = errors.New("the write-ahead log is in use by a reader: run the command again")
	}
	return errors.Join(err, conn.Close())
}
