package store

import (
	"database/sql"
	"errors"
	"strconv"

	"tidings.example/posts"
)

// The kinds of terms.
const (
	tagTerm      = "tag"
	categoryTerm = "category"
	languageTerm = "language"
	authorTerm   = "author"
	sourceTerm   = "source"
)

// term is one word by which feeds and digests select posts.
type term struct{ kind, name string }

// terms keeps the words of released posts, in a running write.
type terms struct {
	tx      *Tx
	source  string
	keys    map[term]int64
	version int64
	touched bool
}

// of returns the keys of the post's terms as a JSON array, each once.
func (t *terms) of(p *posts.Post) (string, error) {
	text := make([]byte, 0, 32)
	seen := make([]int64, 0, 16)
	add := func(kind, name string) error {
		key, err := t.key(term{kind, name})
		if err != nil {
			return err
		}
		for _, k := range seen {
			if k == key {
				return nil
			}
		}
		seen = append(seen, key)
		text = strconv.AppendInt(append(text, ','), key, 10)
		return nil
	}
	err := add(sourceTerm, t.source)
	if p.Language != "" {
		err = errors.Join(err, add(languageTerm, posts.Fold(p.Language)))
	}
	for _, tag := range p.Tags {
		err = errors.Join(err, add(tagTerm, posts.Fold(tag)))
	}
	for _, category := range p.Categories {
		err = errors.Join(err, add(categoryTerm, posts.Fold(category)))
	}
	for _, author := range p.Authors {
		err = errors.Join(err, add(authorTerm, posts.Fold(author.Name)))
	}
	text[0] = '['
	return string(append(text, ']')), err
}

// key returns the key of the term.
func (t *terms) key(w term) (int64, error) {
	if key, ok := t.keys[w]; ok {
		return key, nil
	}
	var key int64
	err := t.tx.QueryRow("/* terms.key */ select key from terms where kind = ? and name = ?", w.kind, w.name).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		err = t.tx.QueryRow("/* terms.key new */ insert into terms (kind, name) values (?, ?) returning key", w.kind, w.name).Scan(&key)
	}
	if err != nil {
		return 0, err
	}
	if t.keys == nil {
		t.keys = map[term]int64{}
	}
	t.keys[w] = key
	return key, nil
}

// put enters a released post under its terms.
func (t *terms) put(seq int64, keys string) error {
	_, err := t.tx.Exec("/* terms.put */ insert into post_terms (term, seq) select value, ? from json_each(?) where true on conflict do nothing", seq, keys)
	return err
}

// next returns the ledger's next version, which it counts once for a write.
func (t *terms) next() (int64, error) {
	if t.touched {
		return t.version, nil
	}
	err := t.tx.QueryRow("/* terms.next */ update ledger set version = version + 1 where one = 1 returning version").Scan(&t.version)
	t.touched = err == nil
	return t.version, err
}

// touch marks a released post that changed, and its terms. seq is 0 where the
// post itself is as it was.
func (t *terms) touch(seq int64, keys ...string) error {
	version, err := t.next()
	if err != nil {
		return err
	}
	if _, err := t.tx.Exec("/* terms.touch post */ update releases set version = ? where seq = ?", version, seq); err != nil {
		return err
	}
	for i, k := range keys {
		if i > 0 && k == keys[i-1] {
			continue
		}
		if _, err := t.tx.Exec("/* terms.touch */ update terms set version = ? where key in (select value from json_each(?))", version, k); err != nil {
			return err
		}
	}
	return nil
}

// touchAfter marks the posts released after the number, and their terms.
func (t *terms) touchAfter(seq int64) error {
	version, err := t.next()
	if err != nil {
		return err
	}
	if _, err := t.tx.Exec("/* terms.touchAfter posts */ update releases set version = ? where seq > ?", version, seq); err != nil {
		return err
	}
	_, err = t.tx.Exec(`/* terms.touchAfter */ update terms set version = ?
		where exists (select 1 from post_terms p where p.term = terms.key and p.seq > ?)`, version, seq)
	return err
}
