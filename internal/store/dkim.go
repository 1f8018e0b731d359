package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// dkimKey is the purpose of keys that sign letters.
const dkimKey = "dkim"

// DKIMKey is what may be told of a key that signs letters.
type DKIMKey struct {
	ID               int64
	Domain, Selector string
	Algorithm        string
	// Record is the text of the TXT record that publishes it.
	Record  string
	Created time.Time
	// Used is since when new letters are signed with it, Retired since when no
	// more; zero is not yet.
	Used, Retired time.Time
	// Needed counts the open issues and notices that are signed with it.
	Needed int
	// Wiped tells that the private half is gone.
	Wiped bool
}

// NewDKIMKey is a key to be kept.
type NewDKIMKey struct {
	Domain, Selector, Algorithm, Record string
	Private                             []byte // PKCS #8
}

// needed are the open issues and notices that are signed with the key d.key.
const needed = `(select count(*) from signings s where s.key = d.key and iif(s.notice,
	exists (select 1 from notices n where n.id = s.letter and n.state in ('queued', 'leased', 'inflight', 'deferred', 'unknown')),
	exists (select 1 from issues i where i.id = s.letter and i.closed_at is null)))`

// DKIMKeys lists the keys that sign or signed letters, oldest first.
func (db *DB) DKIMKeys(ctx context.Context) (out []DKIMKey, err error) {
	rows, err := (reader{db}).QueryContext(ctx, `/* dkim.DKIMKeys */ select d.key, d.domain, d.selector, d.algorithm, d.record, k.created_at,
		coalesce(d.used_at, 0), coalesce(k.retired_at, 0), k.secret = x'', `+needed+` from dkim d join keys k on k.id = d.key order by d.domain, d.key`)
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var k DKIMKey
		var created, used, retired int64
		if err := rows.Scan(&k.ID, &k.Domain, &k.Selector, &k.Algorithm, &k.Record, &created, &used, &retired, &k.Wiped, &k.Needed); err != nil {
			return nil, fmt.Errorf("list the keys: %w", err)
		}
		k.Created, k.Used, k.Retired = instant(created), instant(used), instant(retired)
		out = append(out, k)
	}
	return out, rows.Err()
}

// AddDKIMKey keeps a key. The first one of its domain and algorithm is in use
// at once, any other waits for [DB.UseDKIMKey].
func (db *DB) AddDKIMKey(ctx context.Context, k NewDKIMKey, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		var id int64
		if err := tx.QueryRow(`/* dkim.AddDKIMKey */ insert into keys (purpose, secret, created_at) values (?, ?, ?) returning id`,
			dkimKey, k.Private, now.UnixMilli()).Scan(&id); err != nil {
			return err
		}
		_, err := tx.Exec(`/* dkim.AddDKIMKey */ insert into dkim (key, domain, selector, algorithm, record, used_at) values (?1, ?2, ?3, ?4, ?5,
			iif(exists (select 1 from dkim d join keys k on k.id = d.key where d.domain = ?2 and d.algorithm = ?4 and d.used_at is not null and k.retired_at is null), null, ?6))`,
			id, k.Domain, k.Selector, k.Algorithm, k.Record, now.UnixMilli())
		return err
	})
	if constraint(err) {
		return fmt.Errorf("%s has a key of the selector %s already: a selector is used once", k.Domain, k.Selector)
	}
	if err != nil {
		return fmt.Errorf("keep a key: %w", err)
	}
	return nil
}

// UseDKIMKey lets a key sign new issues and notices in the place of the one of
// its domain and algorithm that did so far, which is retired.
func (db *DB) UseDKIMKey(ctx context.Context, id int64, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`/* dkim.UseDKIMKey */ update keys set retired_at = ?2 where retired_at is null and id in
			(select d.key from dkim d join dkim n on n.key = ?1 where d.domain = n.domain and d.algorithm = n.algorithm and d.key <> n.key and d.used_at is not null)`,
			id, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.Exec(`/* dkim.UseDKIMKey */ update dkim set used_at = coalesce(used_at, ?2) where key = ?1`, id, now.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("use a key: %w", err)
	}
	return nil
}

// RetireDKIMKey ends the use of a key for new issues and notices.
func (db *DB) RetireDKIMKey(ctx context.Context, id int64, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* dkim.RetireDKIMKey */ update keys set retired_at = coalesce(retired_at, ?2) where id = ?1 and purpose = ?3`, id, now.UnixMilli(), dkimKey)
		return err
	})
	if err != nil {
		return fmt.Errorf("retire a key: %w", err)
	}
	return nil
}

// ForgetDKIMKeys wipes the private halves of retired keys that no open issue or
// notice needs, and forgets what ended notices were signed with.
func (db *DB) ForgetDKIMKeys(ctx context.Context) error {
	due, err := collect[int64](ctx, reader{db}, `/* dkim.ForgetDKIMKeys */ select count(*) from dkim d join keys k on k.id = d.key
		where k.retired_at is not null and k.secret <> x'' and `+needed+` = 0`)
	if err != nil || due[0] == 0 {
		return err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`/* dkim.ForgetDKIMKeys */ update keys set secret = x'' where id in (select d.key from dkim d join keys k on k.id = d.key
			where k.retired_at is not null and k.secret <> x'' and ` + needed + ` = 0)`); err != nil {
			return err
		}
		_, err := tx.Exec(`/* dkim.ForgetDKIMKeys */ delete from signings where notice = 1 and key in (select id from keys where purpose = ? and secret = x'')`, dkimKey)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget keys: %w", err)
	}
	return nil
}
