package store

import (
	"context"
	"fmt"
	"time"

	"tidings.example/posts"
)

// Texts of Find, one for each kind of key.
const (
	findHead = `select ` + recordColumns + ` from `

	findPath = `/* ledger.Find path */ ` + findHead + `sources o join files f on f.source = o.key join posts p on p.key = f.post` + joinSource + joinRelease + `
		where o.name = ? and f.path = ?`
	findExplicit = `/* ledger.Find explicit */ ` + findHead + `posts p` + joinSource + joinFile + joinRelease + `
		where p.explicit_id = ? and p.explicit_id <> '' and s.name = ?`
	findLost = `/* ledger.Find lost */ ` + findHead + `sources s join lost l on l.source = s.key join posts p on p.key = l.post` + joinFile + joinRelease + `
		where s.name = ? and l.kind = ? and l.key = ?`
	findPresent = `/* ledger.Find present */ ` + findHead + `posts p` + joinSource + joinFile + joinRelease + `
		where s.name = ? and f.post is not null and `
)

// Find implements [posts.Ledger].
func (db *DB) Find(ctx context.Context, source string, q posts.Query) ([]posts.Record, error) {
	var err error
	var out []posts.Record
	seen := map[string]bool{}
	each := func(r posts.Record) bool {
		if !seen[r.ID] {
			seen[r.ID] = true
			out = append(out, r)
		}
		return true
	}
	find := func(text string, args ...any) {
		if err == nil {
			err = records(ctx, reader{db}, false, each, text, args...)
		}
	}
	for _, path := range q.Paths {
		n := len(out)
		if find(findPath, source, path); len(out) > n {
			out[n].Path = path // a twin's is another one
		}
	}
	for _, id := range q.ExplicitIDs {
		find(findExplicit, id, source)
	}
	for _, k := range q.Lost {
		find(findLost, source, string(k.Kind), k.Text)
	}
	for _, k := range q.Present {
		where, args := byKey(k)
		find(findPresent+where, append([]any{source}, args...)...)
	}
	if err != nil {
		return nil, fmt.Errorf("find posts: %w", err)
	}
	return out, nil
}

// byKey finds posts p by a key, by way of an index.
func byKey(k posts.Key) (where string, args []any) {
	switch k.Kind {
	case posts.FingerprintKey:
		return "p.fingerprint = ? and p.fingerprint <> ''", []any{k.Text}
	case posts.DateKey:
		return "p.date = cast(? as integer) and p.origin <> ''", []any{k.Text}
	case posts.URLKey:
		return "p.page = ? and p.page <> ''", []any{k.Text}
	}
	return "false", nil
}

// Turning implements [posts.Ledger].
func (db *DB) Turning(ctx context.Context, source string, now time.Time) ([]posts.Record, error) {
	ms := stamp(now)
	expired, err := gather(ctx, db.read, false, `/* ledger.Turning expired */ `+findHead+`posts p indexed by posts_expires`+joinSource+joinFile+`
		join releases r on r.post = p.key
		where p.expires <> 0 and p.expires <= ? and r.withdrawn_at = 0 and f.post is not null and s.name = ?`, ms, source)
	if err != nil {
		return nil, fmt.Errorf("find expired posts: %w", err)
	}
	back, err := gather(ctx, db.read, false, `/* ledger.Turning back */ `+findHead+`releases r indexed by releases_withdrawn join posts p on p.key = r.post`+joinSource+joinFile+`
		where r.withdrawn_at <> 0 and f.post is not null and p.declared = 'published' and p.not_before <= ? and (p.expires = 0 or p.expires > ?) and s.name = ?`, ms, ms, source)
	if err != nil {
		return nil, fmt.Errorf("find returning posts: %w", err)
	}
	return append(expired, back...), nil
}
