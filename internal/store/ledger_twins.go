package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tidings.example/posts"
)

// Twins implements [posts.Ledger].
func (db *DB) Twins(ctx context.Context, source string, ids []string) ([]posts.Twin, error) {
	text, err := list(ids)
	if err != nil {
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, `/* ledger.Twins */ select p.id, s.name, f.path from json_each(?) j cross join posts p on p.id = j.value
		join files f on f.post = p.key and f.post <> 0 and f.twin = 1 join sources s on s.key = f.source where s.name <> ?`, text, source)
	if err != nil {
		return nil, fmt.Errorf("find twins of posts: %w", err)
	}
	defer rows.Close()
	var out []posts.Twin
	for rows.Next() {
		var t posts.Twin
		if err := rows.Scan(&t.ID, &t.Source, &t.Path); err != nil {
			return nil, fmt.Errorf("find twins of posts: %w", err)
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// Orphans implements [posts.Ledger].
func (db *DB) Orphans(ctx context.Context, source string, above []string) ([]posts.Record, error) {
	text, err := list(above)
	if err != nil {
		return nil, err
	}
	paths, err := collect[string](ctx, db.read, `/* ledger.Orphans */ select f.path from sources o join files f indexed by files_twin on f.source = o.key and f.twin = 1
		join posts p on p.key = f.post join sources s on s.key = p.source
		where o.name = ?1 and s.name <> ?1 and s.name not in (select value from json_each(?2)) order by f.path`, source, text)
	if err != nil {
		return nil, fmt.Errorf("find posts to take over: %w", err)
	}
	return db.Find(ctx, source, posts.Query{Paths: paths})
}

// twin notes a file that shows the post of another one.
func (a *apply) twin(f *posts.File, size int64) error {
	_, err := a.Exec(`/* ledger.twin */ insert into files (source, path, size, mtime, hash, config, post, twin)
		select ?, ?, ?, ?, ?, ?, key, 1 from posts where id = ?
		on conflict (source, path) do update set size = excluded.size, mtime = excluded.mtime, hash = excluded.hash, config = excluded.config, post = excluded.post, twin = 1`,
		a.source, f.Path, size, f.Stamp.ModTime, packHash(f.Hash), a.config, f.Twin)
	return err
}

// handOver gives a post whose file is gone to its twin, which is read again by
// the next scan of its source.
func (a *apply) handOver(key int64, c *posts.Change, before string) error {
	var heir int64
	if err := a.QueryRow("/* ledger.handOver source */ update sources set revision = revision + 1 where name = ? returning key", c.To.Source).Scan(&heir); err != nil {
		return err
	}
	after, err := a.terms.from(before, c.To.Source)
	if err != nil {
		return err
	}
	for _, q := range []struct {
		text string
		args []any
		sure bool
	}{
		{"/* ledger.handOver */ update posts set source = ?, path = ?, terms = ? where key = ?", []any{heir, c.To.Path, after, key}, true},
		{"/* ledger.handOver file */ update files set twin = 0, size = -1 where source = ? and path = ? and post = ?", []any{heir, c.To.Path, key}, true},
		{"/* ledger.handOver problems */ delete from problems where source = ? and path = ? and stage = 'render'", []any{a.source, c.Before.Path}, false},
	} {
		res, err := a.Exec(q.text, q.args...)
		if err != nil {
			return err
		}
		// A scan of the heir may have let the twin go meanwhile.
		if n, err := res.RowsAffected(); err != nil || n == 0 && q.sure {
			return errors.Join(err, posts.ErrConflict)
		}
	}
	if c.Before.Seq == 0 {
		return nil
	}
	return a.show(c, before, after)
}

// from returns the terms with another source in the place of this one.
func (t *terms) from(keys, source string) (string, error) {
	var list []int64
	if err := json.Unmarshal([]byte(keys), &list); err != nil {
		return "", err
	}
	old, err := t.key(term{sourceTerm, t.source})
	if err != nil {
		return "", err
	}
	other, err := t.key(term{sourceTerm, source})
	if err != nil {
		return "", err
	}
	if i := slices.Index(list, old); i >= 0 {
		list[i] = other
	}
	text, err := json.Marshal(list)
	return string(text), err
}
