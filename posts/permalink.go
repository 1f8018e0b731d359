package posts

import (
	"regexp"
	"strings"
)

var patternKey = regexp.MustCompile(`:[a-z]+`)

// expandPattern expands the owner's own pattern of addresses; "" tells that it
// cannot be expanded, after the reason has been told.
func (p *page) expandPattern(pattern string) string {
	missing := ""
	address := patternKey.ReplaceAllStringFunc(pattern, func(key string) string {
		value := ""
		switch key {
		case ":year", ":month", ":day":
			if p.post.Date.IsZero() {
				missing = "it has no date"
				return ""
			}
			t := p.post.Date.In(p.d.zone)
			value = map[string]string{":year": t.Format("2006"), ":month": t.Format("01"), ":day": t.Format("02")}[key]
		case ":slug":
			value = p.post.Slug
		case ":title":
			value = hexoSlug(p.post.Title, true)
		case ":path":
			value = stem(p.path)
		case ":category":
			if len(p.post.Categories) > 0 {
				value = hexoSlug(p.post.Categories[0], true)
			}
		default:
			return key
		}
		if value == "" {
			missing = "it has no " + key[1:]
		}
		return value
	})
	if missing != "" {
		p.problems = append(p.problems, Problem{Path: p.path, Message: "its URL cannot be derived: the pattern " + pattern + " cannot be filled in, " + missing, Warning: true})
		return ""
	}
	return escapePath(rooted(unclimbed(strings.TrimSpace(address))), false)
}
