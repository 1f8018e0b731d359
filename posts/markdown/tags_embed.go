package markdown

import "strings"

// service returns the link that stands for a film, a snippet or a card of a
// well-known service; ok is false for any other name.
func service(name string, a tagArgs) (markdown string, ok bool) {
	id := a.get("id", 0)
	if isURL(id) {
		if label, known := serviceNames[name]; known {
			return labelled(label, id), true
		}
	}
	switch name {
	case "youtube", "youtube_embed":
		if len(a.words) > 1 && a.words[1] == "playlist" {
			return labelled("YouTube", "https://www.youtube.com/playlist?list="+id), id != ""
		}
		return labelled("YouTube", "https://www.youtube.com/watch?v="+id), id != ""
	case "vimeo", "vimeo_simple":
		return labelled("Vimeo", "https://vimeo.com/"+id), id != ""
	case "streamable":
		return labelled("Streamable", "https://streamable.com/"+id), id != ""
	case "bilibili", "bili":
		if strings.Trim(id, "0123456789") == "" {
			id = "av" + id
		}
		return labelled("Bilibili", "https://www.bilibili.com/video/"+id), id != "av"
	case "gist":
		return gist(a)
	case "tweet", "twitter", "x", "twitter_simple", "x_simple":
		if user := a.named["user"]; user != "" {
			return labelled("X", "https://x.com/"+user+"/status/"+id), true
		}
		if len(a.words) > 1 {
			return labelled("X", "https://x.com/"+a.words[0]+"/status/"+a.words[1]), true
		}
		return labelled("X", "https://x.com/i/status/"+id), id != ""
	case "instagram", "instagram_simple":
		return labelled("Instagram", "https://www.instagram.com/p/"+id+"/"), id != ""
	case "jsfiddle":
		return labelled("JSFiddle", "https://jsfiddle.net/"+id+"/"), id != ""
	case "codepen":
		if len(a.words) > 1 {
			return labelled("CodePen", "https://codepen.io/"+a.words[0]+"/pen/"+a.words[1]), true
		}
	case "asciinema":
		return labelled("asciinema", "https://asciinema.org/a/"+id), id != ""
	case "iframe", "video", "audio", "pdf":
		if src := a.get("src", 0); isURL(src) {
			return linkTo(src, src), true
		}
	}
	return "", false
}

var serviceNames = map[string]string{
	"youtube": "YouTube", "vimeo": "Vimeo", "bilibili": "Bilibili", "gist": "GitHub Gist", "tweet": "X", "x": "X", "jsfiddle": "JSFiddle",
	"codepen": "CodePen", "instagram": "Instagram", "asciinema": "asciinema",
}

func gist(a tagArgs) (string, bool) {
	id := a.get("id", 0)
	if url := a.named["url"]; url != "" {
		return labelled("GitHub Gist", url), true
	}
	if len(a.words) > 1 && !strings.Contains(id, "/") && strings.IndexByte(a.words[1], '.') < 0 {
		id += "/" + a.words[1] // Hugo: user id
	}
	return labelled("GitHub Gist", "https://gist.github.com/"+id), id != ""
}

// unknown writes what an unknown tag can stand for: a picture or a link where
// an argument names one, else nothing.
func (e *expander) unknown(at int, shown, name string, a tagArgs) string {
	candidates := a.words
	for _, key := range []string{"src", "url", "href", "link", "path", "image", "file"} {
		if v := a.named[key]; v != "" {
			candidates = append([]string{v}, candidates...)
		}
	}
	for i, c := range candidates {
		if pictureName.MatchString(c) && !strings.Contains(c, " ") {
			alt := a.named["alt"]
			if alt == "" && i+1 < len(candidates) && strings.Contains(candidates[len(candidates)-1], " ") {
				alt = candidates[len(candidates)-1]
			}
			if e.o.Dialect == Eleventy && !isURL(c) && c[0] != '/' {
				c = "/" + c
			}
			e.warn(at, "unknown tag %s became its picture", shown)
			return picture(c, alt, "")
		}
	}
	for _, c := range candidates {
		if isURL(c) && !e.inLinkText(at) {
			e.warn(at, "unknown tag %s became a link", shown)
			return labelled(name, c)
		}
	}
	e.warn(at, "unknown tag %s was dropped", shown)
	return ""
}

// inLinkText tells a tag in the text of a link, where no other link can stand.
func (e *expander) inLinkText(at int) bool {
	written := e.out.Bytes()
	before := string(written[max(0, len(written)-maxTag):])
	before = before[strings.LastIndexByte(before, '\n')+1:]
	if strings.LastIndexByte(before, '[') <= strings.LastIndexByte(before, ']') {
		return false
	}
	rest, _, _ := strings.Cut(e.src[at:min(len(e.src), at+maxTag)], "\n")
	return strings.Contains(rest, "](")
}
