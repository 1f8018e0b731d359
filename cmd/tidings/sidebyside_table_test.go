package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// sideBySide is one feed of an incumbent beside ours.
type sideBySide struct {
	t            *testing.T
	name         string
	ours, theirs *publishedFeed
	rows         []string
	sums         [2]tally
	lines        []string // of the feeds themselves
	lacking      []string // what ours lacks on purpose
}

// tally counts over entries; each count is of entries, but for the last ones.
type tally struct {
	full, summary, stable, dated, author, terms             int
	relative, gutters, broken, cut, doubled, active, images int
	whole, blocks, links                                    int
}

// add compares one entry, and fails for what theirs has and ours has not.
func (s *sideBySide) add(our, their *publishedEntry, blocks [][]string) {
	a, b := readContent(our.Content.Text, our.link()), readContent(their.Content.Text, their.link())
	s.lacks(our, a, b)
	s.faults(our, a, blocks)
	for _, term := range their.terms() {
		if !slices.Contains(our.terms(), term) {
			s.t.Errorf("%s: %s: no category %q", s.name, our.link(), term)
		}
	}
	mine, other := measure(s.ours, our, a, blocks), measure(s.theirs, their, b, blocks)
	s.sums[0].add(mine)
	s.sums[1].add(other)
	s.rows = append(s.rows, fmt.Sprintf("%s\t%d:%d\t%s", shortName(our), len(our.Content.Text), len(their.Content.Text), mine.beside(other)))
}

// lacks fails for each text, link and image of theirs that is not in ours.
func (s *sideBySide) lacks(our *publishedEntry, a, b *content) {
	all, from := strings.Join(a.blocks, ""), 0
	for _, block := range b.blocks {
		if at := strings.Index(all[from:], block); at >= 0 {
			from += at + len(block)
		} else if !strings.Contains(all, block) {
			s.lack(our, "text "+block)
		}
	}
	for _, l := range b.links {
		if !slices.Contains(a.links, l) {
			s.lack(our, "link "+l)
		}
	}
	for _, l := range b.images {
		if !slices.Contains(a.images, l) {
			s.lack(our, "image "+l)
		}
	}
}

// lack fails unless there is a reason, which the table then shows.
func (s *sideBySide) lack(our *publishedEntry, what string) {
	why := explained(what)
	if why == "" {
		s.t.Errorf("%s: %s: lacks the %.300s", s.name, our.link(), what)
		return
	}
	s.lacking = append(s.lacking, fmt.Sprintf("%s lacks the %.100s: %s", shortName(our), what, why))
}

func shortName(e *publishedEntry) string {
	name := filepath.Base(strings.TrimSuffix(e.link(), "/"))
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

// faults fails for what no entry of ours may have, and for what each must.
func (s *sideBySide) faults(our *publishedEntry, a *content, blocks [][]string) {
	m := measure(s.ours, our, a, blocks)
	if m.whole != m.blocks {
		s.t.Errorf("%s: %s: %d of %d blocks of code are whole: %q", s.name, our.link(), m.whole, m.blocks, brokenBlocks(a, blocks))
	}
	if n := m.relative + m.gutters + m.broken + m.cut + m.doubled + m.active; n > 0 {
		s.t.Errorf("%s: %s: relative addresses, gutters, broken characters, cut tags, doubled formulas or scripts: %+v", s.name, our.link(), m)
	}
	if m.full+m.summary+m.stable+m.dated+m.author != 5 {
		s.t.Errorf("%s: %s: content, summary, id, dates or author are missing: %+v", s.name, our.link(), m)
	}
}

func measure(f *publishedFeed, e *publishedEntry, c *content, blocks [][]string) tally {
	is := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	return tally{
		full: is(e.Content.Text != ""), summary: is(strings.TrimSpace(e.Summary.Text) != ""),
		// An id that is the address changes with the address.
		stable: is(e.ID != "" && foldLink(e.ID) != foldLink(e.link())), dated: is(e.Published != "" && e.Updated != ""),
		author: is(len(e.Authors)+len(f.Authors) > 0), terms: is(len(e.Categories) > 0),
		relative: c.relative, gutters: c.gutters, broken: c.broken, cut: c.cut + cutTags(e.Summary.Text)*is(e.Summary.Type == "html"), doubled: c.doubled, active: c.active,
		images: len(c.images), links: len(c.links), blocks: len(blocks), whole: len(blocks) - len(brokenBlocks(c, blocks)),
	}
}

// brokenBlocks are the blocks of the source that no pre shows line by line.
func brokenBlocks(c *content, blocks [][]string) (broken [][]string) {
	for _, want := range blocks {
		whole := slices.ContainsFunc(c.code, func(got []string) bool {
			for from := 0; from+len(want) <= len(got); from++ {
				if slices.Equal(got[from:from+len(want)], want) {
					return true
				}
			}
			return false
		})
		if !whole {
			broken = append(broken, want)
		}
	}
	return broken
}

func (t *tally) add(u tally) {
	for i, n := range u.counts() {
		*t.fields()[i] += *n
	}
}

func (t *tally) fields() []*int {
	return []*int{&t.full, &t.summary, &t.stable, &t.dated, &t.author, &t.terms, &t.relative, &t.gutters, &t.broken, &t.cut, &t.doubled, &t.active, &t.images, &t.links, &t.whole, &t.blocks}
}

func (t tally) counts() []*int { return t.fields() }

// beside writes ours:theirs for each column.
func (t tally) beside(u tally) string {
	var cells []string
	a, b := t.fields(), u.fields()
	for i := range a[:len(a)-2] {
		cells = append(cells, fmt.Sprintf("%d:%d", *a[i], *b[i]))
	}
	return strings.Join(append(cells, fmt.Sprintf("%d/%d:%d/%d", t.whole, t.blocks, u.whole, u.blocks)), "\t")
}

// feeds compares what the documents say of themselves.
func (s *sideBySide) feeds(unchanged, conditional bool) {
	// What only a run of theirs could tell is not guessed.
	const unseen = "not measured"
	for _, line := range []struct {
		what   string
		ours   bool
		theirs any
	}{
		{"absolute link to itself", strings.HasPrefix(s.ours.rel("self"), "https://"), strings.HasPrefix(s.theirs.rel("self"), "http")},
		{"language", s.ours.Lang != "", s.theirs.Lang != ""},
		{"older posts (archive)", s.ours.rel("prev-archive") != "", s.theirs.rel("prev-archive") != ""},
		{"hub (WebSub)", s.ours.rel("hub") != "", s.theirs.rel("hub") != ""},
		{"tells of deletions", true, len(s.theirs.Deleted) > 0}, // withdrawsOne holds us to it
		{"same bytes at each build", unchanged, unseen},
		{"304 of our own server", conditional, unseen},
		{"RSS and JSON Feed too", exists(s.ours.folder+"/rss.xml") && exists(s.ours.folder+"/feed.json"), exists(s.theirs.folder+"/rss2.xml") && exists(s.theirs.folder+"/feed.json")},
	} {
		if !line.ours {
			s.t.Errorf("%s: ours has no %s", s.name, line.what)
		}
		s.lines = append(s.lines, fmt.Sprintf("%s\t%v\t%v", line.what, line.ours, line.theirs))
	}
}

// show prints the tables. Each cell is ours:theirs.
func (s *sideBySide) show() {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: ours:theirs, %d entries of theirs; ours reach back over %d\n", s.name, len(s.theirs.Entries), len(s.ours.Entries))
	fmt.Fprintln(w, "entry\tbytes\tfull\tsummary\tstable id\tdates\tauthor\tterms\trelative\tgutters\tbroken\tcut\tdoubled\tactive\timages\tlinks\tcode whole")
	for _, r := range s.rows {
		fmt.Fprintln(w, r)
	}
	fmt.Fprintf(w, "all\t\t%s\n", s.sums[0].beside(s.sums[1]))
	w.Flush()
	fmt.Fprintln(w, "the feed\tours\ttheirs")
	for _, l := range s.lines {
		fmt.Fprintln(w, l)
	}
	w.Flush()
	fmt.Fprintf(&b, "explained lacks: %d\n", len(s.lacking))
	for _, l := range s.lacking {
		fmt.Fprintln(&b, l)
	}
	s.t.Log("\n" + b.String())
}
