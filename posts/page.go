package posts

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
)

// page is one file being turned into a post.
type page struct {
	d    *Directory
	path string // relative to the root
	doc  frontmatter.Doc
	post *Post // nil when the file is no post
	// address is where the post is: a path from the site's root that begins
	// with a slash, escaped, or an absolute URL; "" where it cannot be derived.
	address  string
	aliases  []string // in the same form
	problems []Problem
}

// parse reads the header of a file and lets the rules fill in the post.
func (d *Directory) parse(name string, data []byte, local bool) *page {
	if markup := foreignNames[strings.ToLower(path.Ext(name))]; markup != "" {
		return &page{problems: []Problem{{Path: name, Message: "is written in " + markup + ", which is not read: write it in Markdown or exclude it"}}}
	}
	doc, problems := frontmatter.Parse(data, d.rules.header(data))
	p := &page{d: d, path: name, doc: doc, post: &Post{Path: name, Declared: Published}}
	fatal := false
	for _, q := range problems {
		p.problems = append(p.problems, Problem{Path: name, Line: q.Line, Message: q.Message, Warning: !q.Fatal})
		fatal = fatal || q.Fatal
	}
	if fatal {
		p.post = nil
		return p
	}
	p.post.Declared = p.declared()
	if redirectOnly(&p.doc) || !d.rules.fill(p) {
		p.post = nil
		p.problems = onlyFatal(p.problems)
		return p
	}
	p.finish(local)
	return p
}

// onlyFatal drops the warnings about a file that is no post: nobody reads it.
func onlyFatal(all []Problem) (kept []Problem) {
	for _, q := range all {
		if !q.Warning {
			kept = append(kept, q)
		}
	}
	return kept
}

// redirectOnly tells files that only send their reader elsewhere.
func redirectOnly(doc *frontmatter.Doc) bool {
	for _, key := range []string{"redirect", "redirect_to", "redirectTo", "redirect_url"} {
		if strings.TrimSpace(doc.Text(key)) != "" || len(doc.Strings(key)) > 0 {
			return key == "redirect_to" || len(bytes.TrimSpace(doc.Body)) == 0
		}
	}
	return false
}

// finish does what is the same for every generator.
func (p *page) finish(local bool) {
	post, doc := p.post, &p.doc
	post.Title = cleanTitle(post.Title)
	post.Tags = cleanTerms(post.Tags)
	post.Categories = cleanTerms(post.Categories)
	if post.ExplicitID == "" {
		post.ExplicitID = strings.TrimSpace(p.text("guid", "id"))
	}
	if post.Expires.IsZero() {
		post.Expires, _, _ = p.date("expiryDate", "expirydate", "expiry_date", "unpublishDate", "unpublish_date")
	}
	if !p.d.o.Future && post.NotBefore.IsZero() {
		post.NotBefore = post.Date
	}
	if p.d.o.Future {
		post.NotBefore = time.Time{}
	}
	if post.Language = languageTag(post.Language); post.Language == "" {
		post.Language = p.d.site.Language
	}
	if len(post.Authors) == 0 {
		post.Authors = authorsOf(doc)
	}
	if post.Summary == "" {
		post.Summary = p.text("excerpt", "summary", "description")
	}
	post.Summary = cleanSummary(post.Summary)
	p.locate(local)
}

// locate turns addresses into URLs.
func (p *page) locate(local bool) {
	post, site := p.post, p.d.site.URL
	if p.d.o.Permalink != "" {
		p.address = p.expandPattern(p.d.o.Permalink)
	}
	if p.address != "" {
		p.address = settled(p.address)
		p.stayHome()
		post.URL = joinURL(site, p.address)
		if post.URL == "" && local {
			post.URL = p.address
		}
	}
	for _, alias := range p.aliases {
		if u := joinURL(site, alias); u != "" && u != post.URL {
			post.Aliases = append(post.Aliases, u)
		}
	}
	p.pictures()
	p.enclosures()
}

// stayHome drops an address that a header puts on a host of somebody else:
// tidings looks at a post's URL, and readers trust it to be the blog's.
func (p *page) stayHome() {
	site := p.d.site.URL
	if site == "" || !isAbsolute(p.address) || sameHost(site, p.address) {
		return
	}
	address := p.address
	if p.address = ""; p.post.Declared != Published {
		return // nobody will look for it
	}
	line := 0
	for _, key := range []string{"permalink", "url", "slug", "path"} {
		if strings.Contains(p.doc.Text(key), "://") {
			line = p.doc.Lines[key]
			break
		}
	}
	p.problems = append(p.problems, Problem{Path: p.path, Line: line, Warning: true,
		Message: "its URL cannot be derived: the header puts it at " + address + ", which is not on the site's own host: write a path that begins with a slash, or an address below " + site})
}

// declared reads the flags by which people keep a post from being seen. They
// count in every generator, even where it does not know them itself: a post
// that somebody marked is never mailed by mistake.
func (p *page) declared() State {
	if v, known := p.doc.Bool("draft"); known && v {
		return Draft
	}
	if v, known := p.doc.Bool("published"); known && !v {
		return Draft
	}
	switch strings.ToLower(strings.TrimSpace(p.doc.Text("status"))) {
	case "draft":
		return Draft
	case "hidden", "private":
		return Hidden
	}
	for _, key := range []string{"hidden", "unlisted", "private", "hide"} {
		if v, known := p.doc.Bool(key); known && v {
			return Hidden
		}
	}
	switch strings.ToLower(strings.TrimSpace(p.doc.Text("password"))) {
	case "", "false", "null":
	default:
		return Protected
	}
	for _, key := range []string{"encrypted", "protected", "encrypt"} {
		if v, known := p.doc.Bool(key); known && v {
			return Protected
		}
	}
	return Published
}

// text returns the first of several keys that holds a scalar with text.
func (p *page) text(keys ...string) string {
	for _, key := range keys {
		if t := p.doc.Text(key); strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

// date returns the first of several keys that holds a date. One that cannot be
// read is told and passed over.
func (p *page) date(keys ...string) (t time.Time, dateOnly, found bool) {
	for _, key := range keys {
		if _, flag := p.doc.Bool(key); flag {
			continue // published: is a flag in some generators and a date in others
		}
		t, dateOnly, there, err := p.doc.Time(p.d.zone, key)
		if err != nil {
			if key != "date" {
				err = fmt.Errorf("%s: %w", key, err)
			}
			p.warn(key, "%v", err)
			continue
		}
		if there && !t.IsZero() {
			return t, dateOnly, true
		}
	}
	return time.Time{}, false, false
}

// misdated makes mistakes of the warnings about dates since the first told
// problems, and says whether there are any. It is for kinds where a file
// without a date is no post: by a slip of the hand in its date a post would be
// withdrawn, so that it stays as it was until the date is mended. A draft is
// not to be seen in any case.
func (p *page) misdated(told int) bool {
	if p.post.Declared != Published || len(p.problems) == told {
		return false
	}
	for i := range p.problems[told:] {
		p.problems[told+i].Warning = false
	}
	return true
}

// warn tells something about a key; the post is read all the same.
func (p *page) warn(key, format string, args ...any) {
	p.problems = append(p.problems, Problem{Path: p.path, Line: p.doc.Lines[key], Message: fmt.Sprintf(format, args...), Warning: true})
}

// noURL tells why the address cannot be derived.
func (p *page) noURL(format string, args ...any) {
	p.address = ""
	if p.d.o.Permalink != "" || p.post.Declared != Published {
		return // the owner's pattern takes its place, or nobody will look for it
	}
	p.problems = append(p.problems, Problem{Path: p.path, Message: "its URL cannot be derived: " + fmt.Sprintf(format, args...), Warning: true})
}

// undated tells that a post has no date.
func (p *page) undated(generator string) {
	if p.post.Declared != Published {
		return
	}
	p.problems = append(p.problems, Problem{Path: p.path, Message: "has no date (" + generator +
		" would take the file's time, which a copy or a clone changes): write date: 2006-01-02 15:04:05 into its header", Warning: true})
}

// base returns the file's name without its extension.
func base(name string) string {
	name = path.Base(name)
	return strings.TrimSuffix(name, path.Ext(name))
}

// stem returns a path without its extension.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// authorsOf reads the authors of a header: texts, or tables with a name.
func authorsOf(doc *frontmatter.Doc) []Author {
	for _, key := range []string{"authors", "author", "by"} {
		n, found := doc.Node(key)
		if !found {
			continue
		}
		if authors := authorsIn(n, 0); len(authors) > 0 {
			return authors
		}
	}
	return nil
}

func authorsIn(n *frontmatter.Node, depth int) (authors []Author) {
	switch n.Kind {
	case frontmatter.Scalar:
		// "Name <address>" is how many name themselves: the address is nobody's business.
		if a, ok := author(n.Text); ok && !n.Null() {
			return []Author{a}
		}
	case frontmatter.List:
		for i := range n.Items {
			if depth < 3 {
				authors = append(authors, authorsIn(&n.Items[i], depth+1)...)
			}
		}
	case frontmatter.Map:
		of := func(keys ...string) string {
			for _, key := range keys {
				if v, ok := n.Get(key); ok && v.Kind == frontmatter.Scalar && !v.Null() {
					return cleanTitle(v.Text)
				}
			}
			return ""
		}
		if name := of("name", "Name", "title"); name != "" {
			return []Author{{Name: name, Email: of("email", "mail"), URL: of("url", "link", "website", "homepage")}}
		}
	}
	return authors
}
