package posts

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// jekyllStyle returns the template of a permalink style, or the template itself.
func jekyllStyle(style string) string {
	switch style {
	case "none":
		return "/:categories/:title:output_ext"
	case "date":
		return "/:categories/:year/:month/:day/:title:output_ext"
	case "pretty":
		return "/:categories/:year/:month/:day/:title/"
	case "ordinal":
		return "/:categories/:year/:y_day/:title:output_ext"
	case "weekdate":
		return "/:categories/:year/W:week/:short_day/:title:output_ext"
	}
	return style
}

var jekyllKey = regexp.MustCompile(`:([a-z_]+)`)

// address makes the post's address as Jekyll's URL class does.
func (j *jekyll) address(p *page, defaults settings, inFolder bool) string {
	template := strings.TrimSpace(orText(p.doc.Text("permalink"), defaults.text("permalink")))
	if isAbsolute(template) {
		return absoluteURL(template)
	}
	if template == "" {
		template = j.link
	}
	if !j.known && inFolder && strings.Contains(template, "categories") {
		p.noURL("there is no _config.yml that tells which of the folders above _posts belong to the address; name the folder that holds it as the source")
		return ""
	}
	missing := ""
	address := jekyllKey.ReplaceAllStringFunc(template, func(match string) string {
		name := match[1:]
		value, ok := j.placeholder(p, name)
		if trimmed := strings.TrimSuffix(name, "_"); !ok && trimmed != name {
			value, ok = j.placeholder(p, trimmed)
			value += "_"
		}
		if !ok {
			missing = match
		}
		return value
	})
	if missing != "" {
		p.noURL("permalink %s has %s, which is no placeholder for this post", template, missing)
		return ""
	}
	address = strings.ReplaceAll("/"+address, "..", "/")
	address = rooted(strings.ReplaceAll(address, "./", ""))
	return escapePath(address, true)
}

// jekyllDates are the placeholders that print the post's date.
var jekyllDates = map[string]string{"year": "2006", "month": "01", "day": "02", "hour": "15", "minute": "04", "second": "05", "i_day": "2",
	"i_month": "1", "short_month": "Jan", "long_month": "January", "short_year": "06", "short_day": "Mon", "long_day": "Monday", "y_day": "002"}

// placeholder returns the escaped value of one placeholder.
func (j *jekyll) placeholder(p *page, name string) (string, bool) {
	local := p.post.Date.In(p.d.zone)
	if layout, ok := jekyllDates[name]; ok {
		return local.Format(layout), !p.post.Date.IsZero()
	}
	raw, cased := base(p.path), strings.TrimSpace(p.doc.Text("slug"))
	if m := jekyllName.FindStringSubmatch(raw + ".md"); m != nil {
		raw = m[2]
	}
	slug := orText(cased, strings.TrimRight(raw, "."))
	value := ""
	switch name {
	case "title":
		value = jekyllSlug(slug, "pretty", true)
	case "slug":
		value = jekyllSlug(slug, "default", false)
	case "name":
		value = jekyllSlug(base(p.path), "default", false)
	case "categories", "slugified_categories":
		value = jekyllCategories(p.post.Categories, name == "slugified_categories")
	case "output_ext":
		value = ".html"
	case "collection":
		value = "posts"
	case "path":
		_, after, _ := strings.Cut(p.path[len(j.base):], "_posts")
		value = strings.TrimRight(stem(after), ".")
	default:
		return weekPlaceholder(local, name, !p.post.Date.IsZero())
	}
	return escapePath(value, false), true
}

func weekPlaceholder(t time.Time, name string, dated bool) (string, bool) {
	year, week := t.ISOWeek()
	switch name {
	case "w_year":
		return fmt.Sprint(year), dated
	case "week":
		return fmt.Sprintf("%02d", week), dated
	case "w_day":
		return fmt.Sprint((int(t.Weekday())+6)%7 + 1), dated
	}
	return "", false
}

// jekyllCategories joins the categories with slashes, each once.
func jekyllCategories(all []string, slugified bool) string {
	var parts []string
	for _, c := range all {
		if c = strings.ToLower(c); slugified {
			c = jekyllSlug(c, "default", false)
		}
		if !contains(parts, c) {
			parts = append(parts, c)
		}
	}
	return strings.Join(parts, "/")
}
