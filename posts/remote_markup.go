package posts

import (
	"html"
	"regexp"
	"strings"

	"tidings.example/posts/markdown"
)

// remoteTitle makes a title of what a feed gives for one. markup says that it
// is HTML for sure. Otherwise many feeds give HTML all the same: tags count as
// such where they are closed again, so that a title about <b> stays one.
func remoteTitle(text string, markup bool) string {
	if strings.Contains(text, "<") && (markup || closedTag(text)) {
		text = anyTag.ReplaceAllStringFunc(text, func(tag string) string {
			if blockTag.MatchString(tag) {
				return " "
			}
			return ""
		})
	}
	if doubled.MatchString(text) {
		text = html.UnescapeString(text)
	}
	return cleanTitle(text)
}

var (
	anyTag   = regexp.MustCompile(`</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>`)
	blockTag = regexp.MustCompile(`(?i)^</?(p|div|br|li|h[1-6])\b`)
	openTag  = regexp.MustCompile(`(?i)<(p|a|abbr|b|bdi|cite|code|del|div|em|font|i|ins|kbd|mark|q|s|small|span|strong|strike|sub|sup|u|var)(?:\s[^<>]*)?>`)
	// doubled is a character reference that was escaped once more.
	doubled = regexp.MustCompile(`&amp;(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,20});`)
)

// closedTag tells that the text holds an element with its end.
func closedTag(text string) bool {
	lower := strings.ToLower(text)
	for _, m := range openTag.FindAllStringSubmatchIndex(lower, 20) {
		if strings.Contains(lower[m[1]:], "</"+lower[m[2]:m[3]]+">") {
			return true
		}
	}
	return strings.Contains(lower, "<br/>") || strings.Contains(lower, "<br />") || strings.Contains(lower, "<br>")
}

// remoteHTML makes HTML of a text of the kind: plain text becomes paragraphs.
func remoteHTML(text, kind string) string {
	text = strings.TrimSpace(text)
	if kind != "text" && kind != "text/plain" {
		return text
	}
	if text == "" {
		return ""
	}
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>\n") + "</p>\n")
		}
	}
	return b.String()
}

// lacksMarkup tells that a description is plain text, as the standard once
// meant it: its lines are the writer's.
func lacksMarkup(text string) bool {
	return !anyTag.MatchString(text) && !reference.MatchString(text)
}

var reference = regexp.MustCompile(`&(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,20});`)

// remoteSummary is a summary beside a body, as plain text. It is "" where it
// says no more than the beginning of the body, which the renderer knows best.
func remoteSummary(summary, body string) string {
	summary = strings.TrimSpace(summary)
	if summary == "" || summary == body {
		return ""
	}
	text := markdown.ExcerptHTML(summary, markdown.Options{HTML: true})
	whole := strings.TrimRight(text, " ….[]")
	if whole == "" || strings.HasPrefix(markdown.ExcerptHTML(body, markdown.Options{HTML: true, Width: 1000}), whole) {
		return ""
	}
	return text
}
