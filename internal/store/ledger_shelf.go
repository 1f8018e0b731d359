package store

import (
	"context"
	"encoding/json"
	"fmt"

	"tidings.example/posts"
)

// Words lists the tags, categories, languages or authors ("tag", "category",
// "language", "author") of the posts in feeds in the order of their folded
// forms, each as the post that was released last spells it.
func (db *DB) Words(ctx context.Context, kind string) ([]string, error) {
	column := map[string]string{tagTerm: "tags", categoryTerm: "categories", languageTerm: "json_array(p.language)", authorTerm: "authors"}[kind]
	if column == "" {
		return nil, fmt.Errorf("list every %s: no such kind of words", kind)
	}
	words, err := db.words(ctx, kind, column)
	if err != nil {
		return nil, fmt.Errorf("list every %s: %w", kind, err)
	}
	return words, nil
}

func (db *DB) words(ctx context.Context, kind, column string) (out []string, err error) {
	rows, err := db.read.QueryContext(ctx, `/* ledger.Words */ select t.name, `+column+`
		from (select key, name, (select max(seq) from post_terms where term = terms.key) as seq from terms where kind = ?) t
		join releases r on r.seq = t.seq join posts p on p.key = r.post order by t.name`, kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var word string
		var list []byte
		if err := rows.Scan(&word, &list); err != nil {
			return nil, err
		}
		spelled, err := spelling(word, kind == authorTerm, list)
		if err != nil {
			return nil, err
		}
		out = append(out, spelled)
	}
	return out, rows.Err()
}

// spelling finds the word of a JSON list whose folded form is given; authors
// have a name in an object.
func spelling(folded string, author bool, list []byte) (string, error) {
	var words []string
	var authors []posts.Author
	into := any(&words)
	if author {
		into = &authors
	}
	if err := json.Unmarshal(list, into); err != nil {
		return "", fmt.Errorf("a list in the database is damaged: %w", err)
	}
	for _, a := range authors {
		words = append(words, a.Name)
	}
	for _, w := range words {
		if posts.Fold(w) == folded {
			return w, nil
		}
	}
	return folded, nil
}
