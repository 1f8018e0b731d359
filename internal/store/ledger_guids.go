package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"tidings.example/posts"
)

// guidColumn gives the ids under which feeds show the post p, as JSON by format.
const guidColumn = `(select json_group_object(g.format, g.guid) from guids g where g.post = p.key)`

// guids reads guidColumn.
func guids(text []byte) (g posts.GUIDs, err error) {
	if len(text) <= len("{}") {
		return g, nil
	}
	var byFormat map[string]string
	if err := json.Unmarshal(text, &byFormat); err != nil {
		return g, err
	}
	for format, id := range byFormat {
		g.Set(format, id)
	}
	return g, nil
}

// guidFree tells whether no other post is, or could be, shown under the id in
// feeds of the format: ?1 is the id, ?2 the format, ?3 the post.
const guidFree = `not exists (select 1 from guids o where o.guid = ?1 and o.post <> ?3 and (o.format = ?2 or o.format = '' or ?2 = ''))
	and not exists (select 1 from posts o where o.id = ?1 and o.key <> ?3)`

// SetIDs shows posts under other ids in feeds, and returns the ids of the
// posts that got one. The feed of all posts gets feedID, unless it is "". A GUID under which another post is shown already is left
// out: readers would take the two for one.
func (db *DB) SetIDs(ctx context.Context, feedID string, ids map[string][]posts.GUID) (set []string, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		set = set[:0]
		t := &terms{tx: tx}
		for _, id := range slices.Sorted(maps.Keys(ids)) {
			changed, err := setGUIDs(tx, t, id, ids[id])
			if err != nil {
				return fmt.Errorf("post %s: %w", id, err)
			}
			if changed {
				set = append(set, id)
			}
		}
		return setFeedID(tx, t, feedID)
	})
	if err != nil {
		return nil, fmt.Errorf("set ids of posts: %w", err)
	}
	return set, nil
}

func setGUIDs(tx *Tx, t *terms, id string, guids []posts.GUID) (changed bool, err error) {
	var key, seq int64
	var keys string
	if err := tx.QueryRow(`/* ledger.setGUIDs post */ select p.key, p.terms, coalesce(r.seq, 0)
		from posts p`+joinRelease+` where p.id = ?`, id).Scan(&key, &keys, &seq); err != nil {
		return false, err
	}
	for _, g := range guids {
		res, err := tx.Exec(`/* ledger.setGUIDs */ insert into guids (post, format, guid) select ?3, ?2, ?1 where `+guidFree+`
			on conflict (post, format) do update set guid = excluded.guid where guid <> excluded.guid`, g.Text, g.Format, key)
		if err != nil {
			return false, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return false, err
		}
		changed = changed || n > 0
	}
	if !changed {
		return false, nil
	}
	return true, t.touch(seq, keys)
}

// permalinks shows the posts released after the number under their URLs, as
// they are now: the older one of two that share theirs.
func (a *apply) permalinks(after int64) error {
	_, err := a.Exec(`/* ledger.permalinks */ insert into guids (post, format, guid)
		select r.post, '', p.url from releases r join posts p on p.key = r.post
		where r.seq > ?1 and p.url <> '' and not exists (select 1 from guids o where o.guid = p.url) and not exists (select 1 from posts o where o.id = p.url)
		order by r.seq on conflict do nothing`, after)
	return err
}

// SharedPermalinks returns the released posts of the source that are shown
// under their own id only because another one has their URL as its id, with
// the path of that one.
func (db *DB) SharedPermalinks(ctx context.Context, source string) (map[string]string, error) {
	rows, err := db.read.QueryContext(ctx, `/* ledger.SharedPermalinks */ select p.path, o.path
		from posts p join releases r on r.post = p.key join guids g on g.guid = p.url and g.format = '' and g.post <> p.key join posts o on o.key = g.post
		where p.source = (select key from sources where name = ?) and r.withdrawn_at = 0 and not exists (select 1 from guids own where own.post = p.key and own.format = '')`, source)
	if err != nil {
		return nil, fmt.Errorf("find shared addresses: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var path, other string
		if err := rows.Scan(&path, &other); err != nil {
			return nil, fmt.Errorf("find shared addresses: %w", err)
		}
		out[path] = other
	}
	return out, rows.Err()
}
