package posts

import (
	"fmt"
	"slices"
)

// found is a file that a scan read and that differs from what the ledger knows.
type found struct {
	post *Post
	// again asks for the file to be read at the next scan too; stale says that
	// the ledger knows that already.
	again, stale bool
	// at is the known post of the same path, or nil; match is the post that
	// the file was found to hold, or nil for a new one.
	at, match *Record
	// twin is the post of another source that the file shows too; shared says
	// that match is, and that this source's word counts.
	twin   *Record
	shared bool
	// same says that the known post of the path differs in the explicit id at most.
	same bool
}

// resolver finds the post that each found file holds. Every record is given to
// one file at most.
type resolver struct {
	found    []*found // in the order of their paths
	taken    map[string]bool
	problems []Problem
}

// resolve matches files with records, in the order of the rules: explicit id,
// path, fingerprint, URL, traits. vanished are the posts whose file this scan did not
// see; explicit those that an explicit id of found names; lost those whose file
// went earlier. It returns the records of at and vanished that no file holds.
func (r *resolver) resolve(vanished, explicit, lost []*Record) []*Record {
	r.taken = map[string]bool{}
	for _, f := range r.found {
		if f.at != nil && f.at.Hash != "" && f.at.Hash == f.post.Hash {
			r.take(f, f.at) // the same file, read by other rules
		}
	}
	r.byExplicit(vanished, explicit, lost)
	for _, f := range r.found {
		if f.match == nil && f.at != nil && !r.taken[f.at.ID] && sameArticle(f.at, f.post) {
			r.take(f, f.at)
		}
	}
	r.byLostPath(lost)
	pool := slices.Clone(vanished)
	for _, f := range r.found {
		if f.at != nil {
			pool = append(pool, f.at)
		}
	}
	left := slices.Clone(pool)
	// Posts of this scan come first: a file that went earlier is the weaker trace.
	for _, records := range [][]*Record{pool, lost} {
		r.byKey(records, FingerprintKey)
		r.byKey(records, URLKey)
	}
	r.byTraits(pool)
	return slices.DeleteFunc(left, func(k *Record) bool { return r.taken[k.ID] })
}

func (r *resolver) take(f *found, k *Record) {
	f.match = k
	r.taken[k.ID] = true
}

// byExplicit matches by the ids of the front matter. A file that still stands
// at the record's path comes before a copy of it.
func (r *resolver) byExplicit(vanished, explicit, lost []*Record) {
	movable := map[string]bool{}
	for _, list := range [][]*Record{vanished, lost} {
		for _, k := range list {
			movable[k.ID] = true
		}
	}
	holder := map[string]string{}
	byID := map[string]*Record{}
	for _, k := range explicit {
		if byID[k.ExplicitID] == nil || k.Present {
			byID[k.ExplicitID] = k
		}
	}
	for _, f := range r.found {
		if f.at != nil {
			movable[f.at.ID] = true
			if id := f.post.ExplicitID; id != "" && f.at.ExplicitID == id {
				r.take(f, f.at)
				holder[id] = f.post.Path
			}
		}
	}
	for _, f := range r.found {
		id := f.post.ExplicitID
		if id == "" || holder[id] == f.post.Path {
			continue
		}
		k := byID[id]
		if k != nil && k.Present && !movable[k.ID] && holder[id] == "" {
			holder[id] = k.Path
		}
		if other := holder[id]; other != "" {
			r.clash(f, other)
			continue
		}
		holder[id] = f.post.Path
		if k != nil && f.match == nil && !r.taken[k.ID] {
			r.take(f, k)
		}
	}
}

// clash drops the explicit id of a file that another one bears.
func (r *resolver) clash(f *found, other string) {
	r.problems = append(r.problems, Problem{Path: f.post.Path, Warning: true,
		Message: fmt.Sprintf("id %q is that of %s already: it is ignored here; give each post an id of its own", f.post.ExplicitID, other)})
	f.again = true // the other one may go
	p := *f.post
	p.ExplicitID = ""
	f.post = &p
}

// byLostPath matches files that stand where a post stood whose file went earlier.
func (r *resolver) byLostPath(lost []*Record) {
	byPath := map[string][]*Record{}
	for _, k := range lost {
		byPath[k.Path] = append(byPath[k.Path], k)
	}
	for _, f := range r.found {
		if f.match != nil || f.at != nil {
			continue
		}
		if k := r.best(f, byPath[f.post.Path]); k != nil && sameArticle(k, f.post) {
			r.take(f, k)
		}
	}
}

// byKey matches the files left with the records left that share a fingerprint
// or a URL.
func (r *resolver) byKey(records []*Record, kind KeyKind) {
	index := map[string][]*Record{}
	for _, k := range records {
		if r.taken[k.ID] {
			continue
		}
		for _, key := range Keys(&k.Post) {
			if key.Kind == kind {
				index[key.Text] = append(index[key.Text], k)
			}
		}
	}
	if len(index) == 0 {
		return
	}
	texts := map[string]int{} // how many files have it
	for _, f := range r.found {
		if f.match == nil {
			texts[f.post.Fingerprint]++
		}
	}
	// Files that agree with a record in more than the key choose first. A text
	// that several posts have tells nothing alone.
	for _, sure := range []bool{true, false} {
		for _, f := range r.found {
			if f.match != nil {
				continue
			}
			for _, key := range Keys(f.post) {
				if key.Kind != kind {
					continue
				}
				k := r.best(f, index[key.Text])
				if k == nil || sure && likeness(k, f.post) == 0 || kind == FingerprintKey && texts[key.Text]+len(index[key.Text]) > 2 && likeness(k, f.post) == 0 || kind == URLKey && k.Path == f.post.Path && !sameArticle(k, f.post) {
					continue
				}
				r.take(f, k)
				break
			}
		}
	}
}

// best returns the free record that agrees most with the file, or nil.
func (r *resolver) best(f *found, records []*Record) *Record {
	var best *Record
	for _, k := range records {
		if r.taken[k.ID] {
			continue
		}
		if best == nil || likeness(k, f.post) > likeness(best, f.post) ||
			likeness(k, f.post) == likeness(best, f.post) && k.Withdrawn.After(best.Withdrawn) {
			best = k
		}
	}
	return best
}

// likeness counts in how much of title, date, URL and name the two agree.
func likeness(k *Record, p *Post) int {
	n := 0
	if k.Title == p.Title {
		n++
	}
	if sameTime(k.Date, p.Date) {
		n++
	}
	if name := traitName(p.Path); name != "" && name == traitName(k.Path) {
		n++
	}
	if u := FoldURL(k.URL); u != "" && u == FoldURL(p.URL) {
		n++
	}
	return n
}
