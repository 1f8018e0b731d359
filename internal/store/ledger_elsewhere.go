package store

import (
	"context"
	"fmt"

	"tidings.example/posts"
)

// Texts of Elsewhere, one for each kind of key. The cross join keeps the order
// of the tables: few keys, an index of all posts.
const (
	elsewherePage = `/* ledger.Elsewhere page */ ` + findHead + `json_each(?1) j cross join posts p indexed by posts_page on p.page = j.value` + joinSource + joinFile + joinRelease + `
		where p.page <> '' and s.name <> ?2`
	elsewhereText = `/* ledger.Elsewhere text */ ` + findHead + `json_each(?1) j cross join posts p indexed by posts_fingerprint on p.fingerprint = j.value` + joinSource + joinFile + joinRelease + `
		where p.fingerprint <> '' and s.name <> ?2`
	elsewhereLost = `/* ledger.Elsewhere lost */ ` + findHead + `sources o cross join json_each(?1) j cross join lost l on l.source = o.key and l.kind = 'url' and l.key = j.value
		join posts p on p.key = l.post` + joinSource + joinFile + joinRelease + ` where o.name <> ?2`
)

// Elsewhere implements [posts.Ledger]. An alias is found of posts only whose
// file is gone.
func (db *DB) Elsewhere(ctx context.Context, source string, q posts.Query) ([]posts.Record, error) {
	var pages, texts []string
	for _, k := range q.Keys {
		switch k.Kind {
		case posts.URLKey:
			pages = append(pages, k.Text)
		case posts.FingerprintKey:
			texts = append(texts, k.Text)
		}
	}
	out, err := db.elsewhere(ctx, source, pages, texts)
	if err != nil {
		return nil, fmt.Errorf("find posts of other sources: %w", err)
	}
	return out, nil
}

func (db *DB) elsewhere(ctx context.Context, source string, pages, texts []string) (out []posts.Record, err error) {
	others, err := collect[bool](ctx, db.read, "/* ledger.Elsewhere others */ select exists (select 1 from sources where name <> ?)", source)
	if err != nil || !others[0] {
		return nil, err
	}
	seen := map[string]bool{}
	each := func(r posts.Record) bool {
		if !seen[r.ID] {
			seen[r.ID] = true
			out = append(out, r)
		}
		return true
	}
	for _, ask := range []struct {
		text string
		keys []string
	}{{elsewherePage, pages}, {elsewhereText, texts}, {elsewhereLost, pages}} {
		if len(ask.keys) == 0 {
			continue
		}
		keys, err := list(ask.keys)
		if err != nil {
			return nil, err
		}
		if err := records(ctx, reader{db}, false, each, ask.text, keys, source); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Leftovers returns the sources that are not among the names and whose posts
// have a file as of their last scan, by name.
func (db *DB) Leftovers(ctx context.Context, names []string) ([]posts.Leftover, error) {
	text, err := list(names)
	if err != nil {
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, `/* ledger.Leftovers */ select s.name, count(*) from sources s join files f on f.source = s.key and f.post <> 0 and f.twin = 0
		where s.name not in (select value from json_each(?)) group by s.name order by s.name`, text)
	if err != nil {
		return nil, fmt.Errorf("find sources that are gone: %w", err)
	}
	defer rows.Close()
	var out []posts.Leftover
	for rows.Next() {
		var l posts.Leftover
		if err := rows.Scan(&l.Name, &l.Posts); err != nil {
			return nil, fmt.Errorf("find sources that are gone: %w", err)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}
