// Package hostile makes posts that break feeds: real posts into which a seeded
// mutator puts what the worst of writers, editors and attackers do. It serves
// tests and the gate only.
//
// The command writes a Hexo site of them:
//
//	go run ./internal/hostile/cmd -seed 1 -n 1000 -from DIR -to DIR
//
// -from is a folder with Markdown files, searched to its bottom; where it is
// not there or holds none, samples of our own are taken. -to gets _config.yml,
// source/_posts/NNNN.md, and faults.txt, which names the faults of each post.
// The site's address is https://hostile.example.org/; its folder is all that a
// [[source]] needs. Equal seeds and samples make equal bytes, and the first
// posts of a longer run are those of a shorter one.
//
// Most posts can be read; one in forty is in another encoding as a whole, and
// tidings has to say so with its path. About one in fifty is a giant of a
// megabyte or more.
//
// Start with [Make].
package hostile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Post is one hostile post: a file with a header, and the faults that are in it.
type Post struct {
	Name   string // of the file, without a folder
	Bytes  []byte
	Faults []string
}

// first is when the oldest post is dated; each is an hour younger than the last.
var first = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Make returns the i-th post of a seed. Samples are the bodies that it is made
// from; nil means [Samples]. It hangs on nothing else.
func Make(seed uint64, i int, samples [][]byte) Post {
	if len(samples) == 0 {
		samples = Samples()
	}
	r := &source{rand.New(rand.NewPCG(seed, uint64(i)))}
	body := bytes.Clone(samples[r.IntN(len(samples))])
	p := Post{Name: fmt.Sprintf("%04d.md", i)}
	for range 1 + r.IntN(4) {
		f := faults[r.IntN(len(faults))]
		p.Faults = append(p.Faults, f.name)
		body = f.do(r, body)
	}
	if i%50 == 49 { // in turn, so that a thousand posts have all of them
		f := giants[i/50%len(giants)]
		p.Faults = append(p.Faults, f.name)
		body = f.do(r, body)
	}
	p.Bytes = append(header(r, i), body...)
	if i%40 == 39 {
		f := encodings[i/40%len(encodings)]
		p.Faults = append(p.Faults, f.name)
		p.Bytes = f.do(r, p.Bytes)
	}
	return p
}

// header is a front matter that can be read, with values that are hard to write
// into a feed.
func header(r *source, i int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: %s\ndate: %s\n", quoted(fmt.Sprintf("%d %s", i, r.pick(words))), first.Add(time.Duration(i)*time.Hour).Format(time.DateTime))
	fmt.Fprintf(&b, "tags: [hostile, %s]\n", quoted(r.pick(words)))
	if r.IntN(4) == 0 {
		fmt.Fprintf(&b, "excerpt: %s\n", quoted(r.pick(words)))
	}
	if r.IntN(4) == 0 {
		fmt.Fprintf(&b, "author: %s\n", quoted(r.pick(words)))
	}
	b.WriteString("---\n")
	return []byte(b.String())
}

// quoted writes a text as YAML in double quotes (YAML 1.2 section 5.7).
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02X`, c)
		case c >= 0x80 && c < 0xa0 || c >= 0xfff0 && c <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// words are titles, tags, summaries and names that feeds choke on. What only
// looks like markup or a template is not among them: a judge has a warning for
// it, although the text is the author's and is rightly written.
var words = []string{
	"plain", "a & b < c > d", "]]>", "<![CDATA[", "1 < 2 && 3 > 2", "%recipient% ${x} #{y}",
	"bell \a null \x00 escape \x1b[31mred", "\ufffe \uffff \ufdd0 \U0001fffe", "\u202eevil\u202c \u200f \u2028", "AT&T; &c. & &",
	"C:\\new\\table", "“引号” 与 《书名》", "👩‍👩‍👧‍👦 𠮷野家 e\u0301", "100% _of_ *it* `code` $x^2$", "line one\nline two\ttab", "\u0085next\u009fline",
	strings.Repeat("long 长 ", 300), "javascript:alert(1)", "http://例え.テスト/人 b?c=[d]&e#f#g", "'\"`", "-->", "--", "?>", "\ufeffmark",
}

// source is the luck of one post.
type source struct{ *rand.Rand }

func (r *source) pick(from []string) string { return from[r.IntN(len(from))] }

// place is an offset in b, now and then in the midst of a character.
func (r *source) place(b []byte) int {
	at := r.IntN(len(b) + 1)
	if r.IntN(8) > 0 {
		for at > 0 && at < len(b) && b[at]&0xc0 == 0x80 {
			at--
		}
	}
	return at
}

// line is the offset of the beginning of a line in b.
func (r *source) line(b []byte) int { return bytes.LastIndexByte(b[:r.place(b)], '\n') + 1 }

func insert(b []byte, at int, what string) []byte {
	out := make([]byte, 0, len(b)+len(what))
	return append(append(append(out, b[:at]...), what...), b[at:]...)
}
