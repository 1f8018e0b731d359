package posts

import (
	"cmp"
	"strings"

	ext "github.com/mmcdole/gofeed/extensions"
)

// media reads pictures, sounds and films by the vocabularies of Media RSS and
// of podcasts.
func (r *remoteReader) media(i *remoteItem, all ext.Extensions, base string) {
	named := all["media"]
	groups := append([]ext.Extension{{Children: named}}, named["group"]...)
	description := ""
	for _, g := range groups[:min(len(groups), maxParts)] {
		for _, c := range g.Children["content"] {
			r.mediaContent(i, &c, base)
			for _, t := range c.Children["thumbnail"] {
				i.Thumbnail = cmp.Or(i.Thumbnail, remoteURL(base, t.Attrs["url"]))
			}
		}
		for _, t := range g.Children["thumbnail"] {
			i.Thumbnail = cmp.Or(i.Thumbnail, remoteURL(base, t.Attrs["url"]))
		}
		for _, d := range g.Children["description"] {
			description = cmp.Or(description, strings.TrimSpace(d.Value))
		}
	}
	for _, e := range all["itunes"]["image"] {
		i.Image = cmp.Or(i.Image, remoteURL(base, e.Attrs["href"]))
	}
	for _, e := range i.Enclosures {
		if strings.HasPrefix(e.Type, "image/") {
			i.Image = cmp.Or(i.Image, e.URL)
		}
	}
	if i.HTML == "" {
		i.HTML, i.Base = remoteHTML(description, "text"), cmp.Or(i.Link, base)
	}
}

// mediaContent takes a picture for the post's, a sound or a film for a file of it.
func (r *remoteReader) mediaContent(i *remoteItem, c *ext.Extension, base string) {
	kind, medium := strings.ToLower(c.Attrs["type"]), strings.ToLower(c.Attrs["medium"])
	switch {
	case medium == "image" || medium == "" && strings.HasPrefix(kind, "image/"):
		i.Image = cmp.Or(i.Image, remoteURL(base, c.Attrs["url"]))
	case strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"):
		title := ""
		if t := c.Children["title"]; len(t) > 0 {
			title = t[0].Value
		}
		i.enclosure(base, c.Attrs["url"], kind, title, c.Attrs["fileSize"], clockTime(c.Attrs["duration"]))
	}
}
