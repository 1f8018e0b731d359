package mailer

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.example/posts"
)

// countingShelf holds any post that is asked for, and how many were at once.
type countingShelf struct {
	Shelf
	most int
	gone string
}

func (c *countingShelf) Briefs(_ context.Context, ids ...string) ([]posts.Record, error) {
	c.most = max(c.most, len(ids))
	var out []posts.Record
	for _, id := range ids {
		r := manyPosts(id)
		r.Body = posts.Body{Summary: "Text of " + id + strings.Repeat(" words", 40), Code: "x := 1"}
		if id == c.gone {
			r.Withdrawn = time.Unix(1, 0)
		}
		out = append(out, r)
	}
	return out, nil
}

// manyPosts is the post of an id like "n00012", the newer the smaller.
func manyPosts(id string) posts.Record {
	var n int64
	if _, err := fmt.Sscanf(id, "n%d", &n); err != nil {
		panic(err)
	}
	return posts.Record{ID: id, Post: posts.Post{Path: id + ".md", Title: "Title " + id, URL: "https://blog.example.org/" + id + "/",
		Date: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(-time.Duration(n) * time.Hour), Declared: posts.Published}, Seq: 9000 - n, Present: true, Released: time.Unix(1, 0)}
}

func TestLetterOfManyPostsReadsWhatItCanShowInParts(t *testing.T) {
	t.Parallel()
	shelf, drawn := &countingShelf{gone: "n02500"}, 0
	e := &Engine{Shelf: shelf, Draw: func(_ context.Context, ids []string) error { drawn += len(ids); return nil }}
	d := edition("en").Digest
	var share []posts.Record
	for i := range 3000 {
		share = append(share, manyPosts(fmt.Sprintf("n%05d", i)))
	}
	s := newShares(e, &d, Issue{Digest: d.Name}, time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC))
	ed, err := s.edition(t.Context(), Interest{}, share)
	if err != nil {
		t.Fatal(err)
	}
	bodies := 0
	for i := range ed.Posts {
		if ed.Posts[i].Body.Summary != "" {
			bodies++
		}
	}
	if len(ed.Posts) != 2999 || ed.Posts[0].ID != "n00000" || ed.Posts[2998].ID != "n02999" {
		t.Errorf("%d posts, from %s", len(ed.Posts), ed.Posts[0].ID)
	}
	if shelf.most > briefsTogether || drawn > maxItems || bodies > maxItems {
		t.Errorf("%d posts read at once, %d drawn, %d bodies kept", shelf.most, drawn, bodies)
	}
	ed.Publication = edition("en").Publication
	c, err := NewComposer(nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.Page(ed)
	if err != nil || !strings.Contains(page, "Title n02999") {
		t.Errorf("the page lacks the last post: %v", err)
	}
	view := newDigestView(ed, maxItems)
	if len(view.Posts) != maxItems || !strings.Contains(view.More, "1999") || view.total != 2999 {
		t.Errorf("%d posts, %q, of %d", len(view.Posts), view.More, view.total)
	}
	tpl, err := c.Digest(ed)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := tpl.Letter(reader())
	if err != nil {
		t.Fatal(err)
	}
	got := parseLetter(t, raw)
	shown := strings.Count(htmlText(t, got.html), "Text of n0")
	if more := fmt.Sprintf("%d more", 2999-shown); shown < 20 || !strings.Contains(strings.ReplaceAll(got.text, ",", ""), more) {
		t.Errorf("a letter with %d posts does not say %q", shown, more)
	}
}
