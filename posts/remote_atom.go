package posts

import (
	"cmp"
	"strings"

	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
)

// atom reads Atom 1.0 and 0.3.
func (r *remoteReader) atom(f *atom.Feed, s *sheet) {
	r.settleHome(atomLink(f.Links, "alternate"), s.feed.base)
	r.feed.self = remoteURL(cmp.Or(s.feed.base, r.from), atomLink(f.Links, "self"))
	r.feed.id = strings.TrimSpace(f.ID)
	r.feed.site.Title, r.feed.site.Description, r.feed.site.Language = f.Title, f.Subtitle, s.feed.lang
	if list := atomAuthors(f.Authors, r.home); len(list) > 0 {
		r.feed.site.Author = list[0]
	}
	r.feed.pace = updatePeriod(f.Extensions)
	r.feed.deleted = deletedEntries(f.Extensions)
	for n, e := range f.Entries {
		note := &s.feed
		if len(s.entries) == len(f.Entries) {
			note = s.entries[n]
		}
		r.feed.items = append(r.feed.items, r.atomEntry(e, note))
	}
}

func (r *remoteReader) atomEntry(e *atom.Entry, note *noted) *remoteItem {
	base := cmp.Or(note.base, r.from)
	i := &remoteItem{GUID: e.ID, Language: note.lang, Title: remoteTitle(e.Title, isMarkup(note.kind["title"]))}
	i.Link = remoteURL(base, atomLink(e.Links, "alternate"))
	if i.Link == "" && strings.HasPrefix(e.ID, "http") {
		i.Link = remoteURL("", e.ID)
	}
	i.Date, i.Updated = remoteTime(r.zone, e.Published, e.Updated), remoteTime(r.zone, e.Updated)
	i.Authors = atomAuthors(e.Authors, base)
	if e.Source != nil {
		i.Origin = Origin{Title: remoteTitle(e.Source.Title, false), ID: strings.TrimSpace(e.Source.ID), Feed: remoteURL(base, atomLink(e.Source.Links, "self")), URL: remoteURL(base, atomLink(e.Source.Links, "alternate"))}
		if len(i.Authors) == 0 {
			i.Authors = atomAuthors(e.Source.Authors, base)
		}
	}
	for _, c := range e.Categories {
		i.Tags = append(i.Tags, cmp.Or(c.Label, c.Term))
	}
	for _, l := range e.Links {
		if strings.EqualFold(l.Rel, "enclosure") {
			i.enclosure(base, l.Href, l.Type, l.Title, l.Length, 0)
		}
	}
	content, kind := "", cmp.Or(note.kind["content"], "text")
	if e.Content != nil && (isMarkup(kind) || strings.HasPrefix(kind, "text")) {
		content = e.Content.Value
	}
	i.body(content, kind, note.at("content"), e.Summary, cmp.Or(note.kind["summary"], "text"), note.at("summary"))
	r.media(i, e.Extensions, base)
	return i
}

// body fills in body and summary: the content where there is any, else the
// summary, is the body.
func (i *remoteItem) body(content, kind, base, summary, summaryKind, summaryBase string) {
	content, summary = remoteHTML(content, kind), remoteHTML(summary, summaryKind)
	if content == "" {
		i.HTML, i.Base = summary, cmp.Or(summaryBase, i.Link)
		return
	}
	i.HTML, i.Base = content, cmp.Or(base, i.Link)
	i.Summary = remoteSummary(summary, content)
}

// isMarkup tells the types of texts that are HTML.
func isMarkup(kind string) bool {
	return kind == "html" || kind == "text/html" || strings.Contains(kind, "xhtml")
}

// atomLink returns the best link of a relation: one to a page before others.
func atomLink(links []*atom.Link, rel string) string {
	best := ""
	for _, l := range links {
		if !strings.EqualFold(cmp.Or(l.Rel, "alternate"), rel) || l.Href == "" {
			continue
		}
		if rel != "alternate" || l.Type == "" || strings.Contains(strings.ToLower(l.Type), "html") {
			return l.Href
		}
		if best == "" {
			best = l.Href
		}
	}
	return best
}

func atomAuthors(people []*atom.Person, base string) []Author {
	var out []Author
	for _, p := range people {
		name := shortened(cleanTitle(p.Name))
		if name == "" {
			if a, ok := author(p.Email); ok {
				name = a.Name
			}
		}
		if name != "" && len(out) < maxParts && !hasAuthor(out, name) {
			out = append(out, Author{Name: name, Email: strings.TrimSpace(p.Email), URL: remoteURL(base, p.URI)})
		}
	}
	return out
}

// deletedEntries reads the tombstones of RFC 6721, whatever their prefix.
func deletedEntries(all ext.Extensions) []string {
	var ids []string
	for _, byName := range all {
		for _, e := range byName["deleted-entry"] {
			if ref := foldID(e.Attrs["ref"]); ref != "" {
				ids = append(ids, ref)
			}
		}
	}
	return ids
}
