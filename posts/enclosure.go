package posts

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
)

// The keys of headers under which people write down the files that come with a
// post, in letters and digits only. What stands under fileKeys is one whatever
// it is; under mediaKeys only what is a recording by its ending.
var (
	fileKeys  = []string{"enclosure", "enclosures"}
	mediaKeys = []string{"audio", "audiofile", "audiourl", "audiosrc", "audiolink", "audiopath", "mp3", "mp3url", "mp3file", "m4a", "ogg", "opus",
		"podcast", "podcastfile", "podcastlink", "podcasturl", "podcastaudio", "podcastmp3", "episode", "episodefile", "episodeaudio", "episodeurl",
		"media", "mediaurl", "mediafile", "attachments", "video", "videofile", "videourl", "file", "fileurl", "link"}
	fileTables = []string{"extra", "params"}

	fileParts     = []string{"url", "href", "src", "link", "file", "path", "source", "audio", "audiourl", "audiofile"}
	lengthParts   = []string{"length", "size", "bytes", "filesize", "contentlength", "sizeinbytes"}
	typeParts     = []string{"type", "mime", "mimetype", "contenttype"}
	durationParts = []string{"duration", "length", "durationinseconds", "runtime"}
)

// maxFiles is how many files of one post are taken.
const maxFiles = 20

// leastBytes is less than any recording has: a smaller "length" counts seconds.
const leastBytes = 20_000

// files collects the enclosures of one header.
type files struct {
	p     *page
	table map[string]*frontmatter.Node // that the value stands in
}

// enclosures fills in the files that come with the post.
func (p *page) enclosures() {
	for _, table := range p.tables(fileTables) {
		f := &files{p: p, table: table}
		for _, key := range fileKeys {
			if n := table[key]; n != nil {
				f.add(n, key, true, 0)
			}
		}
		for _, key := range mediaKeys {
			if n := table[key]; n != nil {
				f.add(n, key, false, 0)
			}
		}
	}
}

// add takes a value: a text, a table, a table of texts by format, or a list.
// sure says that it is a file whatever its ending.
func (f *files) add(n *frontmatter.Node, key string, sure bool, depth int) {
	switch n.Kind {
	case frontmatter.Scalar:
		// WordPress keeps address, length and type on lines of their own.
		lines := strings.Split(strings.TrimSpace(n.Text), "\n")
		e := Enclosure{}
		if len(lines) > 1 {
			e.Length = byteCount(lines[1])
		}
		if len(lines) > 2 && strings.Contains(lines[2], "/") {
			e.Type = strings.TrimSpace(lines[2])
		}
		if depth == 0 && len(lines) == 1 {
			f.around(&e, key)
		}
		f.take(lines[0], e, sure, n.Line)
	case frontmatter.List:
		for i := range n.Items {
			if depth < 2 {
				f.add(&n.Items[i], key, sure, depth+1)
			}
		}
	case frontmatter.Map:
		f.addTable(n, sure)
	}
}

func (f *files) addTable(n *frontmatter.Node, sure bool) {
	table := byLetters(n)
	for _, part := range fileParts {
		v := table[part]
		if v == nil || v.Kind != frontmatter.Scalar || strings.TrimSpace(v.Text) == "" {
			continue
		}
		e := Enclosure{Title: textIn(table, "title", "name"), Type: typeIn(table, typeParts)}
		e.Length, e.Duration = lengthIn(table, lengthParts), durationIn(table, durationParts)
		f.take(v.Text, e, sure, v.Line)
		return
	}
	for i, key := range n.Keys { // audio: {mp3: a.mp3, ogg: a.ogg}
		if v := &n.Items[i]; MediaType("x."+letters(key)) != "" && v.Kind == frontmatter.Scalar {
			e := Enclosure{}
			f.around(&e, "audio")
			if n := lengthIn(table, lengthParts); n > 0 {
				e.Length = n
			}
			if sizes := f.table["filesize"]; sizes != nil && sizes.Kind == frontmatter.Map {
				e.Length = lengthIn(byLetters(sizes), []string{letters(key)})
			}
			if d := durationIn(table, durationParts); d > 0 {
				e.Duration = d
			}
			f.take(v.Text, e, sure, v.Line)
		}
	}
}

// around reads what stands beside a text: podcast_bytes, duration and so on.
func (f *files) around(e *Enclosure, key string) {
	family := key
	for _, name := range []string{"podcast", "audio", "episode", "media", "video", "enclosure"} {
		if strings.HasPrefix(key, name) {
			family = name
		}
	}
	keys := func(parts []string) (out []string) {
		for _, part := range parts {
			out = append(out, family+part)
		}
		return append(out, parts...)
	}
	if e.Length = lengthIn(f.table, keys(lengthParts)); e.Length < leastBytes {
		e.Length = 0
	}
	e.Type, e.Duration = typeIn(f.table, keys(typeParts)), durationIn(f.table, keys(durationParts))
}

// take adds the file that a header names.
func (f *files) take(ref string, e Enclosure, sure bool, line int) {
	post := f.p.post
	kind := MediaType(strings.TrimSpace(ref))
	recording := strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/")
	if ref = strings.TrimSpace(ref); ref == "" || len(post.Enclosures) == maxFiles || !sure && !recording {
		return
	}
	if yes := strings.ToLower(ref); yes == "true" || yes == "false" {
		return
	}
	at := f.p.find(ref)
	if at.url == "" || at.file == "" && !isAbsolute(ref) && !strings.HasPrefix(ref, "/") {
		if post.Declared == Published {
			f.p.problems = append(f.p.problems, Problem{Path: f.p.path, Line: line, Warning: true,
				Message: "its file " + ref + " is neither beside the post nor below the site's root: write its whole address, or its path from the root"})
		}
		return
	}
	if slices.ContainsFunc(post.Enclosures, func(have Enclosure) bool { return have.URL == at.url }) {
		return
	}
	if e.URL, e.Title = at.url, cleanTitle(e.Title); e.Length == 0 {
		e.Length = at.size
	}
	if e.Type == "" {
		e.Type = kind
	}
	post.Enclosures = append(post.Enclosures, e)
}

func textIn(table map[string]*frontmatter.Node, keys ...string) string {
	for _, key := range keys {
		if n := table[key]; n != nil && n.Kind == frontmatter.Scalar && !n.Null() && strings.TrimSpace(n.Text) != "" {
			return strings.TrimSpace(n.Text)
		}
	}
	return ""
}

func typeIn(table map[string]*frontmatter.Node, keys []string) string {
	for _, key := range keys {
		if text := textIn(table, key); strings.Count(text, "/") == 1 && !strings.ContainsAny(text, " :") {
			return strings.ToLower(text)
		}
	}
	return ""
}

func lengthIn(table map[string]*frontmatter.Node, keys []string) int64 {
	for _, key := range keys {
		if n := byteCount(textIn(table, key)); n > 0 {
			return n
		}
	}
	return 0
}

func durationIn(table map[string]*frontmatter.Node, keys []string) time.Duration {
	for _, key := range keys {
		text := textIn(table, key)
		if strings.HasSuffix(key, "length") && !strings.Contains(text, ":") {
			continue // of bytes
		}
		if d := playTime(text); d > 0 {
			return d
		}
	}
	return 0
}

// byteCount reads 13654375, 13,654,375 and 13.7 MB; 0 is none of these.
func byteCount(text string) int64 {
	text = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	unit := 1.0
	for i, name := range []string{"KB", "MB", "GB", "KIB", "MIB", "GIB", "BYTES", "B"} {
		if number, is := strings.CutSuffix(text, name); is {
			if text = number; i < 6 {
				unit = math.Pow([]float64{1000, 1024}[i/3], float64(i%3+1))
			}
			break
		}
	}
	if unit == 1 {
		n, err := strconv.ParseInt(strings.NewReplacer(",", "", "_", "").Replace(text), 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	n, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil || !(n >= 0 && n*unit <= 1<<50) { // NaN is neither
		return 0
	}
	return int64(n * unit)
}

// playTime reads 1:02:03, 62:03, 3723, 1h2m3s and PT1H2M3S; 0 is none of these.
func playTime(text string) time.Duration {
	text = strings.ToLower(strings.TrimSpace(text))
	if d, err := time.ParseDuration(strings.TrimPrefix(text, "pt")); err == nil && d > 0 && d < 1000*time.Hour {
		return d.Truncate(time.Second)
	}
	seconds := 0.0
	parts := strings.Split(text, ":")
	for _, part := range parts {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || n < 0 || n > 1e6 || len(parts) > 3 {
			return 0
		}
		seconds = seconds*60 + n
	}
	if !(seconds < 3.6e6) { // 1000 hours
		return 0
	}
	return time.Duration(seconds) * time.Second
}
