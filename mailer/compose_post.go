package mailer

import (
	"strings"
	"time"

	"tidings.example/internal/locale"
	"tidings.example/posts"
)

// What a letter shows of one post at most.
const (
	maxTitle     = 400 // columns
	maxExcerpt   = 640 // columns
	maxCodeLines = 25
	maxCodeLine  = 240 // columns
	maxTags      = 5
)

// codeLines is how much code a letter shows of each post: among many posts a
// long block hides the next title.
func codeLines(items int) int {
	if items > 3 {
		return 12
	}
	return maxCodeLines
}

// postView is one post in a letter.
type postView struct {
	voice
	Title, URL string
	// Meta is the date, the reading time and the tags, one line.
	Meta    string
	Excerpt string
	// Code is a block of code, CodeCut tells that there is more of it.
	Code    string
	CodeCut bool
	Image   string // absolute https URL, or ""
	// Lang, Dir and Align are "" where the post is as the letter around it;
	// WordsLang is the language of our own words inside the post, or "".
	Lang, Dir, Align, WordsLang string
	columnsCJK                  int
}

func newPostView(l locale.Locale, zone *time.Location, home string, code int, r posts.Record) postView {
	v := postView{voice: voice{l}, Title: title(l, r), URL: webURL(r.URL), Image: picture(r.Post.Image)}
	if v.URL == "" {
		v.URL = home
	}
	v.Excerpt = oneLine(r.Body.Summary)
	if v.Excerpt == "" {
		v.Excerpt = oneLine(r.Post.Summary)
	}
	v.Excerpt = shorten(v.Excerpt, maxExcerpt)
	v.Code, v.CodeCut = cutCode(r.Body.Code, code)
	v.columnsCJK = cjkColumns(v.Title) + cjkColumns(v.Excerpt)
	v.Meta = meta(l, zone, r, v)
	v.Lang = languageTag(r.Language)
	if v.Lang == "" {
		v.Lang = guessLanguage(v.Title + v.Excerpt)
	}
	if rightToLeft(v.Lang, v.Title) {
		v.Dir, v.Align = "rtl", "right"
	}
	return v
}

// settle leaves out what the document around the post says already.
func (v *postView) settle(document, words string) {
	if v.Lang == "" || v.Lang == document {
		v.Lang = ""
	}
	if v.Lang != "" || document != words {
		v.WordsLang = words
	}
}

// title is one line, and there is always one.
func title(l locale.Locale, r posts.Record) string {
	nameless := r.Path == "" && r.Slug == "" && webURL(r.URL) == ""
	if t := oneLine(r.DisplayTitle()); t != "" && !(nameless && oneLine(r.Title+r.Summary+r.Body.Summary) == "") {
		return shorten(t, maxTitle)
	}
	return l.T("letter.untitled")
}

func meta(l locale.Locale, zone *time.Location, r posts.Record, v postView) string {
	var parts []string
	if !r.Date.IsZero() {
		parts = append(parts, l.Date(r.Date.In(zone)))
	}
	total := width(v.Title) + width(v.Excerpt)
	share := 0.0
	if total > 0 {
		share = float64(v.columnsCJK) / float64(total)
	}
	if n := locale.Minutes(r.Body.Columns, share); n > 0 {
		parts = append(parts, l.Reading(n))
	}
	var tags []string
	for _, tag := range r.Tags {
		if tag = shorten(oneLine(tag), 40); tag != "" && len(tags) < maxTags {
			tags = append(tags, tag)
		}
	}
	if len(tags) > 0 {
		parts = append(parts, strings.Join(tags, l.T("letter.separator")))
	}
	return strings.Join(parts, " · ")
}

// cutCode keeps the first lines of a block of code, without the indentation
// that all of it has.
func cutCode(code string, most int) (kept string, cut bool) {
	all := strings.Split(strings.Trim(block(code), "\n"), "\n")
	for i := range all {
		all[i] = strings.TrimRight(strings.ReplaceAll(all[i], "\t", "    "), " ")
	}
	left := margin(all)
	if len(all) > most {
		all, cut = all[:most], true
	}
	for i, line := range all {
		line = line[min(left, len(line)):]
		all[i] = shorten(line, maxCodeLine)
		cut = cut || all[i] != line
	}
	return strings.TrimRight(strings.Join(all, "\n"), "\n"), cut
}

// margin counts the spaces that every line with text begins with.
func margin(all []string) int {
	least := -1
	for _, line := range all {
		if n := len(line) - len(strings.TrimLeft(line, " ")); line != "" && (least < 0 || n < least) {
			least = n
		}
	}
	return max(least, 0)
}

// picture keeps the address of a picture that mail clients show: they take
// neither plain http nor the newer formats.
func picture(address string) string {
	u := webURL(address)
	if !strings.HasPrefix(u, "https://") {
		return ""
	}
	path, _, _ := strings.Cut(strings.ToLower(u), "?")
	path, _, _ = strings.Cut(path, "#")
	for _, ext := range []string{".svg", ".svgz", ".webp", ".avif", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".ico"} {
		if strings.HasSuffix(path, ext) {
			return ""
		}
	}
	return u
}
