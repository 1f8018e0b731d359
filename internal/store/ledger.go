package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"tidings.example/posts"
)

var (
	_ posts.Ledger = (*DB)(nil)
	_ posts.Queue  = (*DB)(nil)
	_ posts.Bodies = (*DB)(nil)
)

// queryer is a pool of readers or a running write.
type queryer interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// stamp returns the instant as the database keeps it: Unix milliseconds, 0 for none.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant is the reverse of stamp.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// packHash returns a hash as it is stored: the bytes of a hex text, or any
// other text behind a zero byte.
func packHash(hash string) []byte {
	if len(hash) == 64 {
		if b, err := hex.DecodeString(hash); err == nil && hex.EncodeToString(b) == hash {
			return b
		}
	}
	return append([]byte{0}, hash...)
}

// unpackHash is the reverse of packHash.
func unpackHash(b []byte) string {
	if len(b) == 32 {
		var text [64]byte
		hex.Encode(text[:], b)
		return string(text[:])
	}
	if len(b) > 0 {
		return string(b[1:])
	}
	return ""
}

// list returns JSON text; "[]" for an empty list.
func list[T any](items []T) (string, error) {
	if len(items) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(items)
	return string(b), err
}

// unlist is the reverse of list.
func unlist[T any](text []byte, into *[]T) error {
	if string(text) == "[]" {
		return nil
	}
	return json.Unmarshal(text, into)
}

// SourceState implements [posts.Ledger].
func (db *DB) SourceState(ctx context.Context, source string) (posts.SourceState, error) {
	s := posts.SourceState{Name: source}
	var key, baseline, scanned, failed, held int64
	err := db.read.QueryRowContext(ctx, `/* ledger.SourceState */ select key, revision, baseline_at, scanned_at, failed_at, failure, held_at, hold
		from sources where name = ?`, source).Scan(&key, &s.Revision, &baseline, &scanned, &failed, &s.Failure, &held, &s.Hold)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read source %s: %w", source, err)
	}
	s.Baseline, s.Scanned, s.Failed, s.Held = instant(baseline), instant(scanned), instant(failed), instant(held)
	if s.Problems, err = db.problems(ctx, key, "scan"); err != nil {
		return s, err
	}
	s.Rendering, err = db.problems(ctx, key, "render")
	return s, err
}

// SourceStates returns the state of every source that was ever scanned, by name.
func (db *DB) SourceStates(ctx context.Context) ([]posts.SourceState, error) {
	names, err := collect[string](ctx, db.read, "/* ledger.SourceStates */ select name from sources order by name")
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	states := make([]posts.SourceState, len(names))
	for i, name := range names {
		if states[i], err = db.SourceState(ctx, name); err != nil {
			return nil, err
		}
	}
	return states, nil
}

func (db *DB) problems(ctx context.Context, source int64, stage string) ([]posts.Problem, error) {
	rows, err := db.read.QueryContext(ctx, `/* ledger.problems */ select path, line, warning, message
		from problems where source = ? and stage = ? order by path, n`, source, stage)
	if err != nil {
		return nil, fmt.Errorf("read problems: %w", err)
	}
	defer rows.Close()
	var out []posts.Problem
	for rows.Next() {
		var p posts.Problem
		if err := rows.Scan(&p.Path, &p.Line, &p.Warning, &p.Message); err != nil {
			return nil, fmt.Errorf("read problems: %w", err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// collect returns the only column of all rows.
func collect[T any](ctx context.Context, q queryer, text string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Known implements [posts.Ledger].
func (db *DB) Known(ctx context.Context, source string) iter.Seq2[posts.Known, error] {
	return func(yield func(posts.Known, error) bool) {
		if err := db.known(ctx, source, func(k posts.Known) bool { return yield(k, nil) }); err != nil {
			yield(posts.Known{}, fmt.Errorf("read files of %s: %w", source, err))
		}
	}
}

func (db *DB) known(ctx context.Context, source string, yield func(posts.Known) bool) error {
	configs, err := db.configs(ctx)
	if err != nil {
		return err
	}
	rows, err := db.read.QueryContext(ctx, `/* ledger.Known */ select path, size, mtime, hash, config, post, twin
		from files where source = (select key from sources where name = ?) order by path`, source)
	if err != nil {
		return err
	}
	defer rows.Close()
	var path, hash sql.RawBytes
	var config, post int64
	for rows.Next() {
		var k posts.Known
		if err := rows.Scan(&path, &k.Stamp.Size, &k.Stamp.ModTime, &hash, &config, &post, &k.Twin); err != nil {
			return err
		}
		k.Path, k.Config, k.Ignored = string(path), configs[config], post == 0
		if k.Stamp.Size >= 0 {
			k.Hash = unpackHash(hash)
		}
		if !yield(k) {
			return nil
		}
	}
	return rows.Err()
}

// configs returns the few texts that shaped posts and bodies, by key.
func (db *DB) configs(ctx context.Context) (map[int64]string, error) {
	rows, err := db.read.QueryContext(ctx, "/* ledger.configs */ select key, text from configs")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]string{}
	for rows.Next() {
		var key int64
		var text string
		if err := rows.Scan(&key, &text); err != nil {
			return nil, err
		}
		out[key] = text
	}
	return out, rows.Err()
}
