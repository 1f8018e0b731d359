package adopt

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"tidings.example/posts"
)

// How an entry's post was found, the surest first.
const (
	ByID    = "id"              // feeds show the post under this id already
	ByURL   = "address"         // URL, alias, or an id that is one
	ByTitle = "title and day"   //
	ByPath  = "similar address" // the same but for host, ending and case
)

var ways = []string{ByID, ByURL, ByTitle, ByPath}

// Matched is an entry with its post, without body.
type Matched struct {
	Entry Entry
	Post  posts.Record
	By    string
}

// Missed is an entry whose post is not known.
type Missed struct {
	Entry Entry  `json:"entry"`
	Why   string `json:"why"`
}

// Result is what [Match] found.
type Result struct {
	Matched []Matched
	Missed  []Missed
	// Others counts the posts in feeds that no entry stands for.
	Others int
}

// claims are the posts that an entry could stand for, by the way of finding.
type claims map[string][]*posts.Record

// enough is how many posts are kept for one entry and way: more are a doubt
// just as well.
const enough = 8

// matcher finds posts for the entries of a feed; what it keeps grows with the
// feed, not with the ledger.
type matcher struct {
	entries []Entry
	claims  []claims
	found   []*Matched
	byID    map[string][]int
	byPage  map[string][]int
	byTitle map[string][]int
	byPath  map[string][]int
	taken   map[string]bool // ids of posts
	doubt   []bool          // entries that a weaker trace must not decide
	live    int
}

// Match finds the post of each entry. Where several could be it, none is taken.
func Match(f *Feed, all iter.Seq2[posts.Record, error]) (*Result, error) {
	m := &matcher{entries: f.Entries, claims: make([]claims, len(f.Entries)), found: make([]*Matched, len(f.Entries)), doubt: make([]bool, len(f.Entries)), taken: map[string]bool{},
		byID: map[string][]int{}, byPage: map[string][]int{}, byTitle: map[string][]int{}, byPath: map[string][]int{}}
	for i := range m.entries {
		m.index(i)
	}
	for r, err := range all {
		if err != nil {
			return nil, err
		}
		m.look(f.Format, &r)
	}
	for _, way := range ways {
		m.settle(way)
	}
	return m.result(), nil
}

func (m *matcher) index(i int) {
	e := &m.entries[i]
	m.claims[i] = claims{}
	if e.ID == "" {
		return
	}
	add := func(index map[string][]int, key string) {
		if key != "" && !slices.Contains(index[key], i) {
			index[key] = append(index[key], i)
		}
	}
	add(m.byID, e.ID)
	add(m.byTitle, titleKey(e.Title))
	for _, address := range []string{e.URL, e.ID} {
		add(m.byPage, posts.FoldURL(address))
		add(m.byPath, loosePath(address))
	}
}

// look notes for which entries the post could stand.
func (m *matcher) look(format string, r *posts.Record) {
	if r.Live() {
		m.live++
	}
	var kept *posts.Record
	claim := func(way string, entries []int) {
		for _, i := range entries {
			list := m.claims[i][way]
			if len(list) == enough || len(list) > 0 && list[len(list)-1] == kept {
				continue
			}
			if kept == nil {
				copied := *r
				kept = &copied
			}
			m.claims[i][way] = append(list, kept)
		}
	}
	claim(ByID, m.byID[r.ShownID(format)])
	for _, address := range append([]string{r.URL}, r.Aliases...) {
		if page := posts.FoldURL(address); page != "" {
			claim(ByURL, m.byPage[page])
			claim(ByPath, m.byPath[loosePath(address)])
		}
	}
	if r.Title == "" {
		return
	}
	for _, i := range m.byTitle[titleKey(r.Title)] {
		if sameDay(m.entries[i].Date, r.Date) {
			claim(ByTitle, []int{i})
		}
	}
}

// settle takes the posts that one entry alone claims in the way, and that it
// claims alone.
func (m *matcher) settle(way string) {
	rivals := map[string]int{} // by the post's id
	chosen := make([]*posts.Record, len(m.entries))
	for i := range m.entries {
		if m.found[i] != nil || m.doubt[i] {
			continue
		}
		list := m.free(i, way)
		if len(list) > 1 {
			list = m.likely(i, way, list)
		}
		m.doubt[i] = len(list) > 1
		if len(list) == 1 {
			chosen[i] = list[0]
			rivals[list[0].ID]++
		}
	}
	for i, post := range chosen {
		if post == nil {
			continue
		}
		if m.doubt[i] = m.taken[post.ID] || rivals[post.ID] > 1 && !m.surer(i, way, post); !m.doubt[i] {
			m.found[i] = &Matched{Entry: m.entries[i], Post: *post, By: way}
			m.taken[post.ID] = true
		}
	}
}

// free returns the posts that an entry claims and that are nobody's yet.
func (m *matcher) free(i int, way string) (out []*posts.Record) {
	for _, post := range m.claims[i][way] {
		if !m.taken[post.ID] {
			out = append(out, post)
		}
	}
	return out
}

// likely narrows claims down to those that the entry makes in another way too,
// else to those in feeds.
func (m *matcher) likely(i int, way string, list []*posts.Record) []*posts.Record {
	for _, keep := range []func(*posts.Record) bool{
		func(r *posts.Record) bool { return m.surer(i, way, r) },
		func(r *posts.Record) bool { return r.Present },
		func(r *posts.Record) bool { return r.Live() },
	} {
		var some []*posts.Record
		for _, r := range list {
			if keep(r) {
				some = append(some, r)
			}
		}
		if len(some) > 0 {
			list = some
		}
	}
	return list
}

// surer tells whether the entry claims the post in another way too. Similar
// addresses come with equal ones.
func (m *matcher) surer(i int, way string, post *posts.Record) bool {
	for other, list := range m.claims[i] {
		if other != way && !(other == ByPath && way == ByURL) && slices.ContainsFunc(list, func(r *posts.Record) bool { return r.ID == post.ID }) {
			return true
		}
	}
	return false
}

func (m *matcher) result() *Result {
	r := &Result{Others: m.live}
	for i := range m.entries {
		if f := m.found[i]; f != nil {
			r.Matched = append(r.Matched, *f)
			if f.Post.Live() {
				r.Others--
			}
			continue
		}
		r.Missed = append(r.Missed, Missed{Entry: m.entries[i], Why: m.why(i)})
	}
	return r
}

// why says what kept an entry from being found, and how to mend it.
func (m *matcher) why(i int) string {
	e := &m.entries[i]
	for _, way := range ways {
		list := m.claims[i][way]
		if len(list) == 0 {
			continue
		}
		var paths []string
		for _, post := range list[:min(len(list), 3)] {
			paths = append(paths, post.Path)
		}
		free := m.free(i, way)
		switch {
		case len(free) > 1:
			return fmt.Sprintf("it could be any of %d posts by its %s (%s): give one of them the old address as an alias and run adopt again", len(free), way, strings.Join(paths, ", "))
		case len(free) == 1:
			return fmt.Sprintf("another entry of the feed is %s by its %s just as well: readers have the post twice, and it can keep one id", paths[0], way)
		}
		return fmt.Sprintf("another entry of the feed is %s already, by a surer trace than its %s: readers have the post twice", paths[0], way)
	}
	if e.ID == "" {
		return "it has neither an id nor a link"
	}
	return "no post has its address, or its title on its day: where the post still exists, name the old address as an alias in its header and run adopt again"
}
