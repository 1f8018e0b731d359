package store

import (
	"fmt"

	"tidings.example/posts"
)

// post makes one change.
func (a *apply) post(c *posts.Change) error {
	if c.Before == nil {
		return a.create(c)
	}
	var key int64
	var terms string
	if err := a.QueryRow("/* ledger.post */ select key, terms from posts where id = ?", c.Before.ID).Scan(&key, &terms); err != nil {
		return err
	}
	after := terms
	if c.Post != nil {
		var err error
		if after, err = a.update(key, c); err != nil {
			return err
		}
	}
	if c.To != nil {
		return a.handOver(key, c, terms)
	}
	if c.Gone {
		if err := a.lose(key, &c.Before.Post); err != nil {
			return err
		}
	}
	if c.Post != nil || c.Gone {
		if _, err := a.Exec("/* ledger.post problems */ delete from problems where source = ? and path = ? and stage = 'render'", a.source, c.Before.Path); err != nil {
			return err
		}
	}
	if c.Before.Seq == 0 {
		return a.await(key, c)
	}
	return a.show(c, terms, after)
}

// create adds a new post. Its id is the first of Mint, Mint-2, Mint-3 that is free.
func (a *apply) create(c *posts.Change) error {
	id := c.Mint
	for n := 2; ; n++ {
		key, err := a.insert(id, c)
		if err != nil {
			return err
		}
		if key == 0 {
			id = fmt.Sprintf("%s-%d", c.Mint, n)
			continue
		}
		if err := a.place(key, c); err != nil {
			return err
		}
		return a.await(key, c)
	}
}

// insert adds the row of a new post; the key is 0 where the id is taken.
func (a *apply) insert(id string, c *posts.Change) (int64, error) {
	words, terms, err := a.words(c.Post)
	if err != nil {
		return 0, err
	}
	res, err := a.Exec(`/* ledger.insert */ insert into posts (path, explicit_id, title, date, updated, not_before, expires, declared,
		tags, categories, authors, language, slug, url, aliases, summary, image, thumbnail, enclosures, origin, fingerprint, page, terms, id, source, seen_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
		append(words, terms, id, a.source, a.now)...)
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// words returns the columns path to page of the post, and its terms.
func (a *apply) words(p *posts.Post) ([]any, string, error) {
	var texts [5]string
	var err error
	if texts[0], err = list(p.Tags); err != nil {
		return nil, "", err
	}
	if texts[1], err = list(p.Categories); err != nil {
		return nil, "", err
	}
	if texts[2], err = list(p.Authors); err != nil {
		return nil, "", err
	}
	if texts[3], err = list(p.Aliases); err != nil {
		return nil, "", err
	}
	if texts[4], err = list(p.Enclosures); err != nil {
		return nil, "", err
	}
	origin, err := packOrigin(p.Origin)
	if err != nil {
		return nil, "", err
	}
	terms, err := a.terms.of(p)
	if err != nil {
		return nil, "", err
	}
	words := make([]any, 0, 28)
	return append(words, p.Path, p.ExplicitID, p.Title, stamp(p.Date), stamp(p.Updated), stamp(p.NotBefore), stamp(p.Expires), string(p.Declared),
		texts[0], texts[1], texts[2], p.Language, p.Slug, p.URL, texts[3], p.Summary, p.Image, p.Thumbnail, texts[4], origin, p.Fingerprint, posts.FoldURL(p.URL)), terms, nil
}

// update changes the row of a known post and puts its file where it is now. It
// returns the post's terms.
func (a *apply) update(key int64, c *posts.Change) (string, error) {
	words, terms, err := a.words(c.Post)
	if err != nil {
		return "", err
	}
	edited := stamp(c.Before.Edited)
	if c.Edited {
		edited = a.now
	}
	if _, err := a.Exec(`/* ledger.update */ update posts set path = ?, explicit_id = ?, title = ?, date = ?, updated = ?, not_before = ?, expires = ?, declared = ?,
		tags = ?, categories = ?, authors = ?, language = ?, slug = ?, url = ?, aliases = ?, summary = ?, image = ?, thumbnail = ?, enclosures = ?, origin = ?, fingerprint = ?, page = ?, terms = ?, edited_at = ?
		where key = ?`, append(words, terms, edited, key)...); err != nil {
		return "", err
	}
	if !c.Before.Present {
		if _, err := a.Exec("/* ledger.update found */ delete from lost where post = ?", key); err != nil {
			return "", err
		}
	}
	return terms, a.place(key, c)
}

// place puts the file of a post.
func (a *apply) place(key int64, c *posts.Change) error {
	size := c.Post.Stamp.Size
	if c.Again {
		size = -1
	}
	_, err := a.Exec(`/* ledger.place */ insert into files (source, path, size, mtime, hash, config, post) values (?, ?, ?, ?, ?, ?, ?)
		on conflict (source, path) do update set size = excluded.size, mtime = excluded.mtime, hash = excluded.hash, config = excluded.config, post = excluded.post, twin = 0`,
		a.source, c.Post.Path, size, c.Post.Stamp.ModTime, packHash(c.Post.Hash), a.config, key)
	return err
}

// file notes a file whose post did not change, or that holds none.
func (a *apply) file(f *posts.File) error {
	size := f.Stamp.Size
	if f.Again {
		size = -1
	}
	if f.Ignored {
		_, err := a.Exec(`/* ledger.file ignored */ insert into files (source, path, size, mtime, hash, config, post) values (?, ?, ?, ?, x'', ?, 0)
			on conflict (source, path) do update set size = excluded.size, mtime = excluded.mtime, hash = excluded.hash, config = excluded.config, post = 0, twin = 0`,
			a.source, f.Path, size, f.Stamp.ModTime, a.config)
		return err
	}
	if f.Twin != "" {
		return a.twin(f, size)
	}
	if f.Hash == "" {
		_, err := a.Exec("/* ledger.file touched */ update files set size = ?, mtime = ? where source = ? and path = ?", size, f.Stamp.ModTime, a.source, f.Path)
		return err
	}
	_, err := a.Exec("/* ledger.file */ update files set size = ?, mtime = ?, hash = ?, config = ? where source = ? and path = ?",
		size, f.Stamp.ModTime, packHash(f.Hash), a.config, a.source, f.Path)
	return err
}

// lose keeps the ways to find the post again whose file is gone.
func (a *apply) lose(key int64, p *posts.Post) error {
	for _, k := range posts.Keys(p) {
		if _, err := a.Exec("/* ledger.lose */ insert into lost (source, kind, key, post) values (?, ?, ?, ?) on conflict do nothing",
			a.source, string(k.Kind), k.Text, key); err != nil {
			return err
		}
	}
	return nil
}

// await keeps the row of a post that was not released. Any change makes its
// URL be looked at anew.
func (a *apply) await(key int64, c *posts.Change) error {
	// The end of a first scan sees to all posts that wait at once.
	if a.first {
		return nil
	}
	if c.Gone {
		_, err := a.Exec("/* ledger.await gone */ delete from waiting where post = ?", key)
		return err
	}
	_, err := a.Exec(`/* ledger.await */ insert into waiting (post, since) values (?1, ?2)
		on conflict (post) do update set since = iif(?3, ?2, since), tries = 0, next_at = 0, reason = ''`, key, a.now, c.Ready)
	return err
}

// show changes what feeds and letters see of a released post.
func (a *apply) show(c *posts.Change, before, after string) error {
	seq, was := c.Before.Seq, c.Before.Withdrawn.IsZero()
	is := was
	if c.Withdraw || c.Return {
		is = c.Return
		if err := a.withdraw(seq, c.Return, before); err != nil {
			return err
		}
	}
	if was && (!is || before != after) {
		if _, err := a.Exec("/* ledger.show off */ delete from post_terms where seq = ? and term in (select value from json_each(?))", seq, before); err != nil {
			return err
		}
	}
	if is && (!was || before != after) {
		if err := a.terms.put(seq, after); err != nil {
			return err
		}
	}
	if !was && !is {
		return nil
	}
	return a.terms.touch(seq, before, after)
}

// withdraw withdraws a post with the terms, or brings it back.
func (a *apply) withdraw(seq int64, back bool, terms string) error {
	at, tell := a.now, func() error { return a.terms.bury(seq, terms) }
	if back {
		at, tell = 0, func() error { return a.terms.rise(seq) }
	}
	if _, err := a.Exec("/* ledger.withdraw */ update releases set withdrawn_at = ?, buried = 0 where seq = ?", at, seq); err != nil {
		return err
	}
	return tell()
}

// baseline ends a first scan: all that may be seen is released in the order of
// date and path, and the rest waits.
func (a *apply) baseline(backlog posts.Backlog, permalinks bool) error {
	var last int64
	if err := a.QueryRow("/* ledger.baseline */ select coalesce(max(seq), 0) from releases").Scan(&last); err != nil {
		return err
	}
	for _, q := range []struct {
		text string
		args []any
	}{
		{`/* ledger.baseline release */ insert into releases (post, released_at, mailable)
			select p.key, ?1, ?2 from files f join posts p on p.key = f.post
			where f.source = ?3 and f.twin = 0 and p.declared = 'published' and p.not_before <= ?1 and (p.expires = 0 or p.expires > ?1) and p.url <> ''
			and not exists (select 1 from releases r where r.post = p.key) and not exists (select 1 from waiting w where w.post = p.key) order by p.date, p.path`,
			[]any{a.now, backlog == posts.BacklogSend, a.source}},
		{`/* ledger.baseline wait */ insert into waiting (post, since) select f.post, ?1 from files f
			where f.source = ?2 and f.post <> 0 and f.twin = 0 and not exists (select 1 from releases r where r.post = f.post) on conflict do nothing`,
			[]any{a.now, a.source}},
		{`/* ledger.baseline terms */ insert into post_terms (term, seq) select j.value, r.seq
			from releases r join posts p on p.key = r.post, json_each(p.terms) j where r.seq > ? order by j.value, r.seq`, []any{last}},
	} {
		if _, err := a.Exec(q.text, q.args...); err != nil {
			return err
		}
	}
	if permalinks {
		if err := a.permalinks(last); err != nil {
			return err
		}
	}
	return a.terms.touchAfter(last)
}
