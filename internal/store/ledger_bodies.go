package store

import (
	"context"
	"fmt"
	"slices"

	"tidings.example/posts"
)

// bodyPage is how many stale bodies are named at once.
const bodyPage = 256

// staleBody finds the posts of releases r whose body has to be rendered; ?1 is
// the renderer. The cross joins keep the order of the tables: r comes first.
const staleBody = ` cross join posts p on p.key = r.post
	cross join files f on f.source = p.source and f.path = p.path and f.post = p.key` + joinBody + `
	where r.withdrawn_at = 0 and r.seq < ?2 and p.source = (select key from sources where name = ?3) and
	(b.post is null or b.hash <> f.hash or b.renderer <> ?1)`

// Unrendered implements [posts.Bodies].
func (db *DB) Unrendered(ctx context.Context, source, renderer string, want posts.Want, below int64) ([]posts.Stale, error) {
	out, err := db.unrendered(ctx, source, renderer, want, below)
	if err != nil {
		return nil, fmt.Errorf("find bodies to render: %w", err)
	}
	return out, nil
}

func (db *DB) unrendered(ctx context.Context, source, renderer string, want posts.Want, below int64) ([]posts.Stale, error) {
	keys, err := collect[int64](ctx, db.read, "/* ledger.Unrendered renderer */ select key from configs where text = ?", renderer)
	if err != nil {
		return nil, err
	}
	keys = append(keys, 0) // no body has it
	var out []posts.Stale
	done, err := db.marked(ctx, source, mark(keys[0], want))
	if err != nil {
		return nil, err
	}
	if (want.All || want.Mailable) && !done {
		if out, err = db.stale(ctx, `/* ledger.Unrendered */ select p.id, p.path, f.hash, r.seq from releases r`+staleBody+`
			and (?4 or r.mailable and r.seq > ?5) order by r.seq desc limit ?6`,
			keys[0], below, source, want.All, want.After, bodyPage); err != nil {
			return nil, err
		}
	}
	if want.All {
		return out, nil
	}
	recent, err := db.unrenderedRecent(ctx, source, keys[0], want.Feeds, below)
	if err != nil {
		return nil, err
	}
	named, err := db.unrenderedNamed(ctx, source, keys[0], want.IDs, below)
	if err != nil {
		return nil, err
	}
	out = slices.Concat(out, recent, named)
	slices.SortFunc(out, func(a, b posts.Stale) int { return int(b.Seq - a.Seq) })
	out = slices.CompactFunc(out, func(a, b posts.Stale) bool { return a.Seq == b.Seq })
	// Both parts are whole down to their lowest number only.
	return out[:min(len(out), bodyPage)], nil
}

// unrenderedRecent finds those among the newest posts of feeds.
func (db *DB) unrenderedRecent(ctx context.Context, source string, renderer int64, feeds []posts.Recent, below int64) ([]posts.Stale, error) {
	var seqs []int64
	for _, f := range feeds {
		newest, err := db.newestSeqs(ctx, f.Selection, f.N)
		if err != nil {
			return nil, err
		}
		seqs = append(seqs, newest...)
	}
	text, err := list(seqs)
	if err != nil {
		return nil, err
	}
	return db.stale(ctx, `/* ledger.Unrendered recent */ select distinct p.id, p.path, f.hash, r.seq
		from json_each(?4) j cross join releases r on r.seq = j.value`+staleBody+` order by r.seq desc limit ?5`,
		renderer, below, source, text, bodyPage)
}

// unrenderedNamed finds those among the posts with those ids.
func (db *DB) unrenderedNamed(ctx context.Context, source string, renderer int64, ids []string, below int64) ([]posts.Stale, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	text, err := list(ids)
	if err != nil {
		return nil, err
	}
	return db.stale(ctx, `/* ledger.Unrendered named */ select distinct p.id, p.path, f.hash, r.seq
		from json_each(?4) j cross join posts n on n.id = j.value cross join releases r on r.post = n.key`+staleBody+` order by r.seq desc limit ?5`,
		renderer, below, source, text, bodyPage)
}

func (db *DB) stale(ctx context.Context, text string, args ...any) ([]posts.Stale, error) {
	rows, err := db.read.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []posts.Stale
	for rows.Next() {
		var s posts.Stale
		var hash []byte
		if err := rows.Scan(&s.ID, &s.Path, &hash, &s.Seq); err != nil {
			return nil, err
		}
		s.Hash = unpackHash(hash)
		out = append(out, s)
	}
	return out, rows.Err()
}

// mark names a kind of rendering that looks at every post.
func mark(renderer int64, want posts.Want) string {
	return fmt.Sprintf("%d %t %t %d", renderer, want.All, want.Mailable, want.After)
}

// marked tells whether all of the mark was rendered and nothing changed since.
func (db *DB) marked(ctx context.Context, source, mark string) (bool, error) {
	found, err := collect[bool](ctx, db.read, "/* ledger.marked */ select drawn = ? and drawn_at = revision from sources where name = ?", mark, source)
	return len(found) == 1 && found[0], err
}

// MarkRendered implements [posts.Bodies].
func (db *DB) MarkRendered(ctx context.Context, source, renderer string, want posts.Want, revision int64) error {
	keys, err := collect[int64](ctx, db.read, "/* ledger.MarkRendered renderer */ select key from configs where text = ?", renderer)
	if err != nil || len(keys) == 0 {
		return err
	}
	m := mark(keys[0], want)
	if done, err := db.marked(ctx, source, m); done || err != nil {
		return err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec("/* ledger.MarkRendered */ update sources set drawn = ?, drawn_at = ? where name = ?", m, revision, source)
		return err
	})
	if err != nil {
		return fmt.Errorf("mark bodies of %s: %w", source, err)
	}
	return nil
}

// SaveBodies implements [posts.Bodies].
func (db *DB) SaveBodies(ctx context.Context, source, renderer string, done []posts.Drawn) error {
	err := db.Write(ctx, func(tx *Tx) error {
		a := &apply{Tx: tx, terms: terms{tx: tx, source: source}}
		if err := tx.QueryRow("/* ledger.SaveBodies source */ select key from sources where name = ?", source).Scan(&a.source); err != nil {
			return err
		}
		var err error
		if a.config, err = configKey(tx, renderer); err != nil {
			return err
		}
		for i := range done {
			if err := a.body(&done[i]); err != nil {
				return fmt.Errorf("post %s: %w", done[i].Path, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save bodies of %s: %w", source, err)
	}
	return nil
}

// body keeps one body and the problems that rendering it met.
func (a *apply) body(d *posts.Drawn) error {
	if _, err := a.Exec("/* ledger.body problems */ delete from problems where source = ? and path = ? and stage = 'render'", a.source, d.Path); err != nil {
		return err
	}
	if err := a.problems("render", d.Problems); err != nil || !d.OK {
		return err
	}
	var key, seq int64
	var keys string
	if err := a.QueryRow(`/* ledger.body post */ select p.key, p.terms, coalesce(r.seq, 0)
		from posts p left join releases r on r.post = p.key where p.id = ?`, d.ID).Scan(&key, &keys, &seq); err != nil {
		return err
	}
	b := &d.Body
	if _, err := a.Exec(`/* ledger.body */ insert into bodies (post, hash, renderer, columns, code_language, image, summary, code, html) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (post) do update set hash = excluded.hash, renderer = excluded.renderer, columns = excluded.columns, code_language = excluded.code_language,
		image = excluded.image, summary = excluded.summary, code = excluded.code, html = excluded.html`,
		key, packHash(d.Hash), a.config, b.Columns, b.CodeLanguage, b.Image, b.Summary, b.Code, b.HTML); err != nil {
		return err
	}
	return a.terms.touch(seq, keys)
}
