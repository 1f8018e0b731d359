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
	// The mail first: who is stopped halfway is still there to be erased again.
	upto, err := db.eraseMail(ctx, a, 0)
	if err == nil {
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
			return erase(tx, h.hash(a), p, now)
		})
	}
	if err == nil {
		_, err = db.eraseMail(ctx, a, upto) // what came meanwhile
	}
	if err == nil {
		err = db.forgetLog(ctx)
	}
	if err != nil {
		return found, fmt.Errorf("erase a subscriber: %w", err)
	}
	return found, nil
}

// erasedTogether is how many messages one commit deletes at first.
const erasedTogether = 100

// eraseMail deletes mail behind an id that was kept for a person and names the
// address, and returns where it stopped to look. To search the messages takes a
// while: it is done beside the writer.
func (db *DB) eraseMail(ctx context.Context, a mailer.Address, after int64) (upto int64, err error) {
	if err := (reader{db}).QueryRowContext(ctx, `/* subscribers.eraseMail */ select coalesce(max(id), 0) from bounces`).Scan(&upto); err != nil {
		return 0, err
	}
	for p := newPace(erasedTogether); ; {
		ids, err := collect[int64](ctx, reader{db}, `/* subscribers.eraseMail */ select id from bounces where id > ?1 and id <= ?2 and kind in ('other', 'unproven', 'auto-reply', 'challenge')
			and (instr(lower(coalesce(cast(message as text), '')), lower(?3)) > 0 or instr(lower(author || ' ' || subject || ' ' || reply), lower(?3)) > 0)
			order by id limit ?4`, after, upto, a.Mailed, p.size)
		if err != nil || len(ids) == 0 {
			return upto, err
		}
		after = ids[len(ids)-1]
		if err := db.writePaced(ctx, p, func(tx *Tx) error { return deleteBounces(tx, ids) }); err != nil {
			return 0, err
		}
	}
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
	// Most of it is moved while others write: the last step keeps them waiting.
	err = conn.QueryRowContext(ctx, `pragma wal_checkpoint(passive)`).Scan(&busy, &log, &moved)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	err = conn.QueryRowContext(ctx, `pragma wal_checkpoint(truncate)`).Scan(&busy, &log, &moved)
	if err == nil && busy != 0 {
		err = errors.New("the write-ahead log is in use by a reader: run the command again")
	}
	return errors.Join(err, conn.Close())
}
