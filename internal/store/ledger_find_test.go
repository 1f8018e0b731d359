package store

import (
	"strconv"
	"strings"
	"testing"

	"tidings.example/posts"
)

// Only an item of a feed is ever looked for by its date: the posts of folders
// must not pay for the index.
func TestAPostIsFoundByItsDateWhereItIsFromAFeed(t *testing.T) {
	t.Parallel()
	from, local := article("from a feed", ago(3)), article("from a folder", ago(3))
	from.post.Origin = posts.Origin{Title: "Planet", Feed: "https://planet.example/feed"}
	w := newWorld(t, map[string]file{"a": from, "b": local})
	w.scan()
	key := posts.Key{Kind: posts.DateKey, Text: strconv.FormatInt(from.post.Date.UnixMilli(), 10)}
	found, err := w.db.Find(t.Context(), w.scanner.Name, posts.Query{Present: []posts.Key{key}})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Path != "a" {
		t.Errorf("found %+v", found)
	}
	where, args := byKey(key)
	rows, err := w.db.read.QueryContext(t.Context(), "explain query plan "+findPresent+where, append([]any{w.scanner.Name}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
	}
	if err := rows.Err(); err != nil || !strings.Contains(strings.Join(plan, "\n"), "posts_date") {
		t.Errorf("%v\n%s", err, strings.Join(plan, "\n"))
	}
}
