package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

// Keys returns the keys of a purpose, oldest first, and makes the first one
// where there is none.
func (db *DB) Keys(ctx context.Context, purpose string, now time.Time) ([]mailer.Key, error) {
	found, err := db.keys(ctx, purpose)
	if err == nil && len(found) == 0 {
		err = db.Write(ctx, func(tx *Tx) error { return newKey(tx, purpose, now) })
		if err == nil {
			found, err = db.keys(ctx, purpose)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("keys for %s: %w", purpose, err)
	}
	return found, nil
}

func (db *DB) keys(ctx context.Context, purpose string) (out []mailer.Key, err error) {
	rows, err := db.read.QueryContext(ctx, `/* subscribers.keys */ select id, secret, coalesce(retired_at, 0) from keys where purpose = ? order by id`, purpose)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var k mailer.Key
		var retired int64
		if err := rows.Scan(&k.ID, &k.Secret, &retired); err != nil {
			return nil, err
		}
		k.Retired, k.RetiredAt = retired != 0, instant(retired)
		out = append(out, k)
	}
	return out, rows.Err()
}

// newKey makes a key unless the purpose has one: another process may have been
// faster.
func newKey(tx *Tx, purpose string, now time.Time) error {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	_, err := tx.Exec(`/* subscribers.newKey */ insert into keys (purpose, secret, created_at)
		select ?1, ?2, ?3 where not exists (select 1 from keys where purpose = ?1)`, purpose, secret, now.UnixMilli())
	return err
}

// eraseKey is the purpose of the key under which addresses are remembered that
// must not be kept. It never rotates: its hashes cannot be made again.
const eraseKey = "erasure"

// hasher hashes addresses within a write.
type hasher struct{ secret []byte }

func newHasher(tx *Tx, now time.Time) (h hasher, err error) {
	if err := newKey(tx, eraseKey, now); err != nil {
		return h, err
	}
	err = tx.QueryRow(`/* subscribers.hasher */ select secret from keys where purpose = ? order by id limit 1`, eraseKey).Scan(&h.secret)
	return h, err
}

// hash returns the keyed hash of an address.
func (h hasher) hash(a mailer.Address) string {
	m := hmac.New(sha256.New, h.secret)
	m.Write([]byte(a.Key))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])
}
