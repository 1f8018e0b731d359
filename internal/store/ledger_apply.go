package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tidings.example/posts"
)

// apply is one application of changes, in a running write.
type apply struct {
	*Tx
	source int64
	now    int64
	config int64
	terms  terms
	first  bool // whether this is a part of a first scan
}

// Apply implements [posts.Ledger].
func (db *DB) Apply(ctx context.Context, source string, c posts.Changes) (revision int64, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		a := &apply{Tx: tx, now: stamp(c.Now), terms: terms{tx: tx}}
		if err := a.open(source, &c); err != nil {
			return err
		}
		if err := a.all(&c); err != nil {
			return err
		}
		changed := len(c.Posts)+len(c.Files)+len(c.Dropped) > 0 || c.Baseline != ""
		revision = c.Revision
		if changed {
			revision++
		}
		return a.note(&c, revision)
	})
	if errors.Is(err, posts.ErrConflict) {
		return 0, err
	}
	if err != nil {
		return 0, fmt.Errorf("record scan of %s: %w", source, err)
	}
	return revision, nil
}

// open finds or makes the source and compares its revision.
func (a *apply) open(source string, c *posts.Changes) error {
	var revision, baseline int64
	err := a.QueryRow("/* ledger.Apply source */ select key, revision, baseline_at from sources where name = ?", source).Scan(&a.source, &revision, &baseline)
	if errors.Is(err, sql.ErrNoRows) {
		err = a.QueryRow("/* ledger.Apply new source */ insert into sources (name) values (?) returning key", source).Scan(&a.source)
	}
	if err != nil {
		return err
	}
	if revision != c.Revision {
		return posts.ErrConflict
	}
	a.terms.source, a.first = source, baseline == 0
	if len(c.Posts)+len(c.Files) > 0 {
		a.config, err = configKey(a.Tx, c.Config)
	}
	return err
}

// configKey returns the key of the text.
func configKey(tx *Tx, text string) (key int64, err error) {
	err = tx.QueryRow("/* ledger.configKey */ select key from configs where text = ?", text).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRow("/* ledger.configKey new */ insert into configs (text) values (?) returning key", text).Scan(&key)
	}
	return key, err
}

// all makes the changes. Files leave their old places before any takes a new
// one: two posts may have changed places.
func (a *apply) all(c *posts.Changes) error {
	for i := range c.Posts {
		k := c.Posts[i].Before
		if k != nil && k.Source != a.terms.source {
			if err := a.claim(k, c.Posts[i].Shared); err != nil {
				return err
			}
			continue
		}
		if k == nil || !k.Present || !c.Posts[i].Gone && (c.Posts[i].Post == nil || c.Posts[i].Post.Path == k.Path) {
			continue
		}
		if err := a.dropFile(k.Path); err != nil {
			return err
		}
	}
	for _, path := range c.Dropped {
		if err := a.dropFile(path); err != nil {
			return err
		}
	}
	for i := range c.Posts {
		if err := a.post(&c.Posts[i]); err != nil {
			return fmt.Errorf("post %s: %w", changePath(&c.Posts[i]), err)
		}
	}
	for i := range c.Files {
		if err := a.file(&c.Files[i]); err != nil {
			return fmt.Errorf("file %s: %w", c.Files[i].Path, err)
		}
	}
	if c.Baseline != "" {
		return a.baseline(c.Baseline, c.Permalinks)
	}
	return nil
}

func changePath(c *posts.Change) string {
	if c.Post != nil {
		return c.Post.Path
	}
	return c.Before.Path
}

func (a *apply) dropFile(path string) error {
	if _, err := a.Exec("/* ledger.dropFile */ delete from files where source = ? and path = ?", a.source, path); err != nil {
		return err
	}
	_, err := a.Exec("/* ledger.dropFile item */ delete from remote_items where source = ? and path = ?", a.source, path)
	return err
}

// claim makes a post of another source one of this source. The other one's
// revision counts: a scan of it that is under way decided with the post in mind.
func (a *apply) claim(k *posts.Record, shared bool) error {
	file := "/* ledger.claim file */ delete from files where post = (select key from posts where id = ?1) and source <> ?2 and twin = 0"
	if shared {
		file = "/* ledger.claim twin */ update files set twin = 1 where post = (select key from posts where id = ?1) and source <> ?2"
	}
	for _, text := range []string{
		file,
		"/* ledger.claim problems */ delete from problems where source = (select source from posts where id = ?1) and path = (select path from posts where id = ?1) and source <> ?2",
		"/* ledger.claim other */ update sources set revision = revision + 1 where key = (select source from posts where id = ?1) and key <> ?2",
	} {
		if _, err := a.Exec(text, k.ID, a.source); err != nil {
			return err
		}
	}
	res, err := a.Exec("/* ledger.claim */ update posts set source = ?2 where id = ?1 and source = (select key from sources where name = ?3)", k.ID, a.source, k.Source)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, posts.ErrConflict) // another source was faster
	}
	return nil
}

// note writes down how the scan went.
func (a *apply) note(c *posts.Changes, revision int64) error {
	baseline := int64(0)
	if c.Baseline != "" {
		baseline = a.now
	}
	if _, err := a.Exec(`/* ledger.note */ update sources set revision = ?1, baseline_at = max(baseline_at, ?2),
		scanned_at = iif(?3, ?4, scanned_at),
		failed_at = case when ?5 <> '' then ?4 when ?3 then 0 else failed_at end,
		failure = case when ?5 <> '' then ?5 when ?3 then '' else failure end,
		held_at = case when not ?3 then held_at when ?6 = '' then 0 when held_at = 0 then ?4 else held_at end,
		hold = iif(?3, ?6, hold)
		where key = ?7`, revision, baseline, c.Done, a.now, c.Failure, c.Hold, a.source); err != nil {
		return err
	}
	if c.Problems == nil {
		return nil
	}
	if _, err := a.Exec("/* ledger.note problems */ delete from problems where source = ? and stage = 'scan'", a.source); err != nil {
		return err
	}
	return a.problems("scan", *c.Problems)
}

// problems adds problems, which are in the order of their paths.
func (a *apply) problems(stage string, problems []posts.Problem) error {
	n := 0
	for i, p := range problems {
		if n++; i == 0 || problems[i-1].Path != p.Path {
			n = 0
		}
		if _, err := a.Exec(`/* ledger.problems add */ insert into problems (source, path, stage, n, line, warning, message)
			values (?, ?, ?, ?, ?, ?, ?)`, a.source, p.Path, stage, n, p.Line, p.Warning, p.Message); err != nil {
			return err
		}
	}
	return nil
}
