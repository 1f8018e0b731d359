package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Trouble is one thing that needs the owner.
type Trouble struct {
	// Key names the cause: what has the same key is the same trouble.
	Key string
	// Kind says what is wrong in words that everybody may read.
	Kind string
	// What says it to the owner, in one line.
	What string
	// Since is when it was found first.
	Since time.Time
}

// Troubles returns what is open, by key.
func (db *DB) Troubles(ctx context.Context) ([]Trouble, error) {
	return db.troubles(ctx, "/* troubles.Troubles */ select key, kind, what, since from troubles order by key")
}

// UntoldTroubles returns what is open and in no letter yet, by key.
func (db *DB) UntoldTroubles(ctx context.Context) ([]Trouble, error) {
	return db.troubles(ctx, "/* troubles.UntoldTroubles */ select key, kind, what, since from troubles where told = 0 order by key")
}

func (db *DB) troubles(ctx context.Context, text string, args ...any) (out []Trouble, err error) {
	rows, err := db.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read troubles: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t Trouble
		var since int64
		if err := rows.Scan(&t.Key, &t.Kind, &t.What, &since); err != nil {
			return nil, fmt.Errorf("read troubles: %w", err)
		}
		t.Since = instant(since)
		out = append(out, t)
	}
	return out, rows.Err()
}

// KeepTroubles puts what is found now in the place of what was open in the
// scope, and returns what is new and what is over. Keys are unique beyond the
// scope. Where nothing changed nothing is written. One caller at a time for a
// scope.
func (db *DB) KeepTroubles(ctx context.Context, scope string, found []Trouble, now time.Time) (opened, ended []Trouble, err error) {
	open, err := db.troubles(ctx, "/* troubles.KeepTroubles */ select key, kind, what, since from troubles where scope = ? order by key", scope)
	if err != nil {
		return nil, nil, err
	}
	put, opened, ended := compare(open, found, now)
	if len(put)+len(ended) == 0 {
		return nil, nil, nil
	}
	err = db.Write(ctx, func(tx *Tx) error {
		for _, t := range ended {
			if _, err := tx.Exec("/* troubles.KeepTroubles */ delete from troubles where key = ?", t.Key); err != nil {
				return err
			}
		}
		for _, t := range put {
			if _, err := tx.Exec(`/* troubles.KeepTroubles */ insert into troubles (key, scope, kind, what, since) values (?, ?, ?, ?, ?)
				on conflict (key) do update set kind = excluded.kind, what = excluded.what`, t.Key, scope, t.Kind, t.What, now.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("keep troubles: %w", err)
	}
	return opened, ended, nil
}

// compare tells what was found from what is open: put is new or says something
// else. Of several with one key the first counts.
func compare(open, found []Trouble, now time.Time) (put, opened, ended []Trouble) {
	before := map[string]Trouble{}
	for _, t := range open {
		before[t.Key] = t
	}
	here := map[string]bool{}
	for _, t := range found {
		if here[t.Key] {
			continue
		}
		here[t.Key] = true
		old, known := before[t.Key]
		if !known {
			t.Since = now
			opened = append(opened, t)
		}
		if !known || old.Kind != t.Kind || old.What != t.What {
			put = append(put, t)
		}
	}
	for _, t := range open {
		if !here[t.Key] {
			ended = append(ended, t)
		}
	}
	return put, opened, ended
}

// ToldTroubles notes that a letter says these. One that ended and opened again
// since is another one.
func (db *DB) ToldTroubles(ctx context.Context, told []Trouble) error {
	err := db.Write(ctx, func(tx *Tx) error {
		for _, t := range told {
			if _, err := tx.Exec("/* troubles.ToldTroubles */ update troubles set told = 1 where key = ? and since = ?", t.Key, t.Since.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note troubles as told: %w", err)
	}
	return nil
}
