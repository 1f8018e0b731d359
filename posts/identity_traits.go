package posts

import (
	"path"
	"regexp"
	"strings"
	"time"
)

// A generator that a site moves to gives a post another file, often another
// address, and the move itself edits many bodies. What is left of the post is
// its title, its day and the name of its file.

var (
	dayAhead   = regexp.MustCompile(`^\d{4}[-_.]\d{1,2}[-_.]\d{1,2}[-_. ]+`)
	folderName = regexp.MustCompile(`^_?index(\.[a-z]{2}(-[a-z]{2,4})?)?$`)
)

// traitName is the name by which people know the file of a post: without
// folders, date, ending and case; of an index file that of its folder.
func traitName(file string) string {
	name := strings.ToLower(base(file))
	if folderName.MatchString(name) {
		if name = strings.ToLower(path.Base(path.Dir(file))); name == "." {
			return ""
		}
	}
	return dayAhead.ReplaceAllString(name, "")
}

// sameDay tells whether two dates are of one day in some zone: generators take
// a date without a time for midnight in different ones.
func sameDay(a, b time.Time) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() <= 24*time.Hour
}

// traits counts in how many of title, day and name the two agree.
func traits(k *Record, p *Post) int {
	n := 0
	if k.Title != "" && Fold(k.Title) == Fold(p.Title) {
		n++
	}
	if sameDay(k.Date, p.Date) {
		n++
	}
	if name := traitName(p.Path); name != "" && name == traitName(k.Path) {
		n++
	}
	return n
}

// byTraits matches the files left with the records left that agree in two of
// title, day and name, where both have nobody else they agree with as much.
func (r *resolver) byTraits(records []*Record) {
	byTitle, byName := map[string][]*Record{}, map[string][]*Record{}
	for _, k := range records {
		if r.taken[k.ID] {
			continue
		}
		if k.Title != "" {
			byTitle[Fold(k.Title)] = append(byTitle[Fold(k.Title)], k)
		}
		if name := traitName(k.Path); name != "" {
			byName[name] = append(byName[name], k)
		}
	}
	for least := 3; least >= 2 && len(byTitle)+len(byName) > 0; least-- {
		claims := map[string][]*found{} // by the record's id
		only := map[*found]*Record{}
		for _, f := range r.found {
			if f.match != nil {
				continue
			}
			seen := map[*Record]bool{}
			for _, k := range append(byTitle[Fold(f.post.Title)], byName[traitName(f.post.Path)]...) {
				if !seen[k] && !r.taken[k.ID] && traits(k, f.post) >= least {
					seen[k] = true
					claims[k.ID] = append(claims[k.ID], f)
					only[f] = k
				}
			}
			if len(seen) > 1 {
				delete(only, f)
			}
		}
		for _, f := range r.found {
			if k := only[f]; k != nil && len(claims[k.ID]) == 1 {
				r.take(f, k)
			}
		}
	}
}
