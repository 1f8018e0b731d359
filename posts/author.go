package posts

import (
	"cmp"
	"strings"
)

// author makes an author of what people write into headers and RSS: "Name
// <a@b.example>", "a@b.example (Name)", "Name (a@b.example)", a name, an address.
// The address is kept apart from the name, which feeds show.
func author(text string) (Author, bool) {
	text = shortened(cleanTitle(text))
	name, mail := text, ""
	if open := strings.LastIndexByte(text, '('); open >= 0 && strings.HasSuffix(text, ")") {
		before, inside := strings.TrimSpace(text[:open]), strings.TrimSpace(text[open+1:len(text)-1])
		switch {
		case strings.Contains(before, "@"):
			name, mail = inside, before
		case strings.Contains(inside, "@"):
			name, mail = before, inside
		}
	} else if open := strings.LastIndexByte(text, '<'); open >= 0 && strings.HasSuffix(text, ">") && strings.Contains(text[open:], "@") {
		name, mail = strings.TrimSpace(text[:open]), text[open+1:len(text)-1]
	} else if local, _, found := strings.Cut(text, "@"); found && !strings.Contains(text, " ") {
		name, mail = local, text
	}
	return Author{Name: strings.Trim(name, `" `), Email: mail}, strings.Trim(name, `" `) != ""
}

// siteAuthor is who a site's configuration names.
func siteAuthor(name, email string) Author {
	a, _ := author(name)
	a.Email = cmp.Or(email, a.Email)
	return a
}
