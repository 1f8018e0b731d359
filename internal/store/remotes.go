package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"tidings.example/posts"
)

var _ posts.Answers = (*DB)(nil)

// Answer implements [posts.Answers].
func (db *DB) Answer(ctx context.Context, source string) (posts.Answer, error) {
	var a posts.Answer
	var text, site []byte
	var got, pace, asked, next, rest int64
	err := db.read.QueryRowContext(ctx, `/* remotes.Answer */ select r.feed, r.moved, r.etag, r.last_modified, r.text, r.base, r.got_at, r.site, r.pace,
		r.asked_at, r.next_at, r.failures, r.failure, r.host, r.rest_at
		from sources s join remotes r on r.source = s.key where s.name = ?`, source).
		Scan(&a.Feed, &a.Moved, &a.ETag, &a.LastModified, &text, &a.Base, &got, &site, &pace, &asked, &next, &a.Failures, &a.Failure, &a.Host, &rest)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	if err == nil {
		err = json.Unmarshal(site, &a.Site)
	}
	if err == nil && text != nil {
		a.Text, err = unpacked(text)
	}
	if err != nil {
		return a, fmt.Errorf("read what feed %s answered: %w", source, err)
	}
	a.Got, a.Asked, a.Next, a.Rest, a.Pace = instant(got), instant(asked), instant(next), instant(rest), time.Duration(pace)*time.Second
	return a, nil
}

// KeepAnswer implements [posts.Answers].
func (db *DB) KeepAnswer(ctx context.Context, source string, a posts.Answer) error {
	site, err := json.Marshal(a.Site)
	if err != nil {
		return err
	}
	var text []byte
	if a.Text != nil {
		text = packed(a.Text)
	}
	err = db.Write(ctx, func(tx *Tx) error {
		key, err := sourceKey(tx, source)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`/* remotes.KeepAnswer */ insert into remotes (source, feed, moved, etag, last_modified, text, base, got_at, site, pace,
			asked_at, next_at, failures, failure, host, rest_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			on conflict (source) do update set feed = excluded.feed, moved = excluded.moved, etag = excluded.etag, last_modified = excluded.last_modified,
			text = coalesce(excluded.text, text), base = excluded.base, got_at = excluded.got_at, site = excluded.site, pace = excluded.pace,
			asked_at = excluded.asked_at, next_at = excluded.next_at, failures = excluded.failures, failure = excluded.failure, host = excluded.host, rest_at = excluded.rest_at`,
			key, a.Feed, a.Moved, a.ETag, a.LastModified, text, a.Base, stamp(a.Got), string(site), int64(a.Pace/time.Second),
			stamp(a.Asked), stamp(a.Next), a.Failures, a.Failure, a.Host, stamp(a.Rest))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what feed %s answered: %w", source, err)
	}
	return nil
}

// sourceKey finds or makes the source.
func sourceKey(tx *Tx, source string) (key int64, err error) {
	err = tx.QueryRow("/* store.sourceKey */ select key from sources where name = ?", source).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow("/* store.sourceKey new */ insert into sources (name) values (?) returning key", source).Scan(&key)
	}
	return key, err
}

// Resting implements [posts.Answers].
func (db *DB) Resting(ctx context.Context, host string) (time.Time, error) {
	var rest int64
	if err := db.read.QueryRowContext(ctx, "/* remotes.Resting */ select coalesce(max(rest_at), 0) from remotes where host = ? and rest_at <> 0", host).Scan(&rest); err != nil {
		return time.Time{}, fmt.Errorf("read when %s may be asked: %w", host, err)
	}
	return instant(rest), nil
}

// KeepItems implements [posts.Answers].
func (db *DB) KeepItems(ctx context.Context, source string, items []posts.KeptItem) error {
	err := db.Write(ctx, func(tx *Tx) error {
		key, err := sourceKey(tx, source)
		if err != nil {
			return err
		}
		for _, i := range items {
			if _, err := tx.Exec(`/* remotes.KeepItems */ insert into remote_items (source, path, data) values (?, ?, ?)
				on conflict (source, path) do update set data = excluded.data`, key, i.Path, packed(i.Data)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep items of feed %s: %w", source, err)
	}
	return nil
}

// Item implements [posts.Answers].
func (db *DB) Item(ctx context.Context, source, path string) ([]byte, error) {
	var data []byte
	err := db.read.QueryRowContext(ctx, `/* remotes.Item */ select i.data from sources s join remote_items i on i.source = s.key
		where s.name = ? and i.path = ?`, source, path).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		data, err = unpacked(data)
	}
	if err != nil {
		return nil, fmt.Errorf("read item %s of feed %s: %w", path, source, err)
	}
	return data, nil
}

// packed and unpacked keep texts as gzip.
func packed(text []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	// A buffer takes everything.
	_, _ = z.Write(text)
	_ = z.Close()
	return out.Bytes()
}

func unpacked(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
