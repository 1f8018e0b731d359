package posts

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"tidings.example/posts/markdown"
)

// keptTogether is how many items are kept at once.
const keptTogether = 200

// Scan implements [Source]. What the ledger knows and the feed no longer shows
// is unchanged, unless the feed calls it deleted; verify asks the feed anew,
// whether it is time to or not.
func (r *Remote) Scan(ctx context.Context, known iter.Seq2[Known, error], verify bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		f, err := r.read(ctx, verify)
		if err != nil {
			yield(Entry{}, fmt.Errorf("%s: %w", shownFeed(r.o.Feed), err))
			return
		}
		n, err := r.name(ctx, f)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		m := &remoteScan{naming: n, yield: yield, verify: verify, config: r.Config(), gone: n.replaced}
		for _, id := range f.deleted {
			m.gone[id] = n.keys[id] == nil
		}
		if err := m.run(ctx, known); err != nil && !m.ended {
			yield(Entry{}, err)
		}
	}
}

// remoteScan is one run of [Remote.Scan].
type remoteScan struct {
	*naming
	yield  func(Entry, error) bool
	verify bool
	config string
	gone   map[string]bool
	ended  bool // the receiver has had enough
}

// run yields what the feed shows and what the ledger knows, in one order.
func (m *remoteScan) run(ctx context.Context, known iter.Seq2[Known, error]) error {
	items := slices.Clone(m.feed.items)
	slices.SortFunc(items, func(a, b *remoteItem) int { return cmp.Compare(a.key, b.key) })
	posts := make([]*Post, len(items))
	if err := m.keep(ctx, items, posts); err != nil {
		return err
	}
	for _, p := range m.told() {
		if m.put(Entry{Path: p.Path, Problems: []Problem{p}}); m.ended {
			return nil
		}
	}
	at := 0
	for k, err := range known {
		if err != nil {
			return err
		}
		for ; at < len(posts) && posts[at].Path < k.Path && !m.ended; at++ {
			m.put(Entry{Path: posts[at].Path, Stamp: posts[at].Stamp, Post: posts[at]})
		}
		switch {
		case m.ended:
			return nil
		case at < len(posts) && posts[at].Path == k.Path:
			m.compare(posts[at], k)
			at++
		case !m.gone[k.Path]:
			m.put(Entry{Path: k.Path, Stamp: k.Stamp, Unchanged: true})
		}
		if m.ended {
			return nil
		}
	}
	for ; at < len(posts) && !m.ended; at++ {
		m.put(Entry{Path: posts[at].Path, Stamp: posts[at].Stamp, Post: posts[at]})
	}
	return ctx.Err()
}

func (m *remoteScan) put(e Entry) { m.ended = m.ended || !m.yield(e, nil) }

// compare yields an item that the ledger knows.
func (m *remoteScan) compare(p *Post, k Known) {
	if k.Hash == p.Hash && k.Config == m.config && !m.verify {
		m.put(Entry{Path: p.Path, Stamp: k.Stamp, Unchanged: true})
		return
	}
	m.put(Entry{Path: p.Path, Stamp: p.Stamp, Post: p})
}

// keep makes the posts and keeps the items that are new or changed: whoever
// renders them later may find that they have left the feed.
func (m *remoteScan) keep(ctx context.Context, items []*remoteItem, posts []*Post) error {
	var changed []KeptItem
	for n, i := range items {
		data := i.data()
		p := i.post(data, m.feed.site.URL)
		m.settle(p)
		posts[n] = p
		if k := m.known[i.key]; k != nil && k.Hash == p.Hash {
			continue
		}
		if changed = append(changed, KeptItem{Path: i.key, Data: data}); len(changed) == keptTogether {
			if err := m.o.Answers.KeepItems(ctx, m.o.Name, changed); err != nil {
				return err
			}
			changed = changed[:0]
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return m.o.Answers.KeepItems(ctx, m.o.Name, changed)
}

// settle adds what the item itself does not say.
func (m *remoteScan) settle(p *Post) {
	if p.Language == "" {
		p.Language = languageTag(m.o.Language)
	}
	if old := m.aliases[p.Path]; old != "" {
		p.Aliases = []string{old}
	}
	if p.Origin == (Origin{}) {
		p.Origin = Origin{Title: m.feed.site.Title, ID: m.feed.id, Feed: m.publicFeed(), URL: m.feed.site.URL}
	}
}

// publicFeed is the feed's address for everybody: what it says itself, since
// the configured one may be private.
func (m *remoteScan) publicFeed() string {
	if m.feed.self != "" {
		return m.feed.self
	}
	return shownFeed(m.o.Feed)
}

// shownFeed is the address without its query, which may be a secret.
func shownFeed(raw string) string {
	for i := range len(raw) {
		if raw[i] == '?' || raw[i] == '#' {
			return raw[:i]
		}
	}
	return raw
}

// Render implements [Source]: it renders the item as it was when the feed
// showed it last.
func (r *Remote) Render(ctx context.Context, path string) (out Rendered, err error) {
	defer failOn("post "+path+": rendering", &err)
	data, err := r.o.Answers.Item(ctx, r.o.Name, path)
	if err != nil {
		return Rendered{}, err
	}
	if data == nil {
		return Rendered{}, fmt.Errorf("post %s: the item of the feed is not kept", path)
	}
	var i remoteItem
	if err := json.Unmarshal(data, &i); err != nil {
		return Rendered{}, fmt.Errorf("post %s: the item that was kept is damaged: %w", path, err)
	}
	result, err := markdown.Render([]byte(i.HTML), markdown.Options{Dialect: markdown.Plain, HTML: true, Title: i.Title, Summary: i.Summary, PostURL: cmp.Or(i.Base, i.Link)})
	if err != nil {
		return Rendered{}, fmt.Errorf("post %s: %w", path, err)
	}
	result.Warnings = nil // nobody here could mend it
	return Rendered{Result: result, Hash: hashBytes(data)}, nil
}
