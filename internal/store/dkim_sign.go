package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tidings.example/mailer"
)

var _ mailer.KeyRing = (*DB)(nil)

// inUse are the keys that sign what has none yet: those of the algorithms, of
// the domain or else of the nearest one above it that has any. ?1 is the
// domain, ?2 the algorithms.
const inUse = `select d.key from dkim d join keys k on k.id = d.key
	where d.used_at is not null and k.retired_at is null and d.algorithm in (select value from json_each(?2)) and d.domain =
	(select e.domain from dkim e join keys f on f.id = e.key where e.used_at is not null and f.retired_at is null
	and (e.domain = ?1 or substr(?1, -length(e.domain) - 1) = '.' || e.domain) order by length(e.domain) desc limit 1)`

// given are the keys that an issue or a notice has, as far as they are not
// wiped: those of a closed one may be.
const given = `select s.key from signings s join dkim d on d.key = s.key join keys k on k.id = s.key
	where s.notice = ?3 and s.letter = ?4 and k.secret <> x'' and (d.domain = ?1 or substr(?1, -length(d.domain) - 1) = '.' || d.domain)`

// unsigned is what no key signs.
const unsigned = `select 1 from signings where notice = ?3 and letter = ?4 and key = 0`

// SigningKeys implements [mailer.KeyRing].
func (db *DB) SigningKeys(ctx context.Context, r mailer.SigningRequest) ([]mailer.SigningKey, error) {
	algorithms, err := json.Marshal(append([]string{}, r.Algorithms...))
	if err != nil {
		return nil, err
	}
	notice, letter := r.Notice > 0, max(r.Issue, r.Notice)
	args := []any{r.Domain, string(algorithms), notice, letter}
	keys, err := db.signingKeys(ctx, given, args)
	if err != nil || len(keys) > 0 {
		return keys, err
	}
	keys, err = db.signingKeys(ctx, inUse, args[:2])
	if err != nil || letter == 0 {
		return keys, err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* dkim.SigningKeys */ insert into signings (notice, letter, key) select ?3, ?4, key from (`+inUse+`)
			where not exists (`+given+`) and not exists (`+unsigned+`)`, args...)
		if err == nil {
			// What began without a signature goes on without one.
			_, err = tx.Exec(`/* dkim.SigningKeys */ insert or ignore into signings (notice, letter, key) select ?1, ?2, 0
				where not exists (select 1 from signings where notice = ?1 and letter = ?2)`, notice, letter)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("give keys: %w", err)
	}
	return db.signingKeys(ctx, given, args)
}

// signingKeys reads the keys that a query names, RSA first: some receivers look
// at the first signature alone.
func (db *DB) signingKeys(ctx context.Context, which string, args []any) (out []mailer.SigningKey, err error) {
	rows, err := (reader{db}).QueryContext(ctx, `/* dkim.signingKeys */ select d.key, d.domain, d.selector, k.secret from dkim d join keys k on k.id = d.key
		where d.key in (`+which+`) order by d.algorithm desc, d.key`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var k mailer.SigningKey
		if err := rows.Scan(&k.ID, &k.Domain, &k.Selector, &k.Private); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, rows.Err()
}
