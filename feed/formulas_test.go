package feed_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"tidings.example/feed"
)

// contents returns the full text of the first entry of an encoded document, as
// a reader has it.
func contents(t *testing.T, e feed.Encoded) string {
	t.Helper()
	var rss struct {
		Content string `xml:"channel>item>encoded"`
	}
	var atom struct {
		Content string `xml:"entry>content"`
	}
	var js struct {
		Items []struct {
			HTML string `json:"content_html"`
		} `json:"items"`
	}
	var err error
	switch e.Format {
	case feed.RSS:
		err = xml.Unmarshal(e.Bytes, &rss)
	case feed.Atom:
		err = xml.Unmarshal(e.Bytes, &atom)
	default:
		if err = json.Unmarshal(e.Bytes, &js); err == nil && len(js.Items) > 0 {
			return js.Items[0].HTML
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return rss.Content + atom.Content
}

func TestFormulasAreMathMLOnlyWhereThatIsWanted(t *testing.T) {
	t.Parallel()
	const math = `<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="x^2 &lt; y"><msup><mi>x</mi><mn>2</mn></msup><mo>&lt;</mo><mi>y</mi></math>`
	const large = `<math xmlns="http://www.w3.org/1998/Math/MathML" display="block" alttext="\begin{matrix}a &amp; b\end{matrix}"><mi>a</mi></math>`
	const full = "<p>a " + math + "</p><p>" + large + "</p>"
	const text = `<p>a x² &lt; y</p><p><code>\begin{matrix}a &amp; b\end{matrix}</code></p>`
	for _, c := range []struct {
		name  string
		shown []feed.Format
		want  map[feed.Format]string
	}{
		{"nothing said", nil, map[feed.Format]string{feed.RSS: text, feed.Atom: text, feed.JSON: full}},
		{"none", []feed.Format{}, map[feed.Format]string{feed.RSS: text, feed.Atom: text, feed.JSON: text}},
		{"all", feed.Formats(), map[feed.Format]string{feed.RSS: full, feed.Atom: full, feed.JSON: full}},
	} {
		for format, want := range c.want {
			d := head()
			r := plainRecord(1)
			r.Body.HTML = full
			d.Entries, d.MathML = []feed.Entry{feed.FromRecord(r)}, c.shown
			e, err := feed.Encode(&d, format)
			if err != nil {
				t.Fatal(err)
			}
			if got := contents(t, e); got != want {
				t.Errorf("%s, %s\ngot  %s\nwant %s", c.name, format, got, want)
			}
		}
	}
}

// A text of formulas is measured as it is written: MathML is much longer than TeX.
func TestFormulasAreMeasuredAsTheyAreShown(t *testing.T) {
	t.Parallel()
	d := head()
	r := plainRecord(1)
	math := `<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="x"><mi>x</mi></math>`
	r.Body.HTML = "<p>" + strings.Repeat(math+" ", 1000) + "</p>"
	d.Entries, d.Limit = []feed.Entry{feed.FromRecord(r)}, 20_000
	for _, format := range feed.Formats() {
		e, err := feed.Encode(&d, format)
		if err != nil {
			t.Fatal(err)
		}
		if short := len(e.Shortened) > 0; short != (format == feed.JSON) || e.Oversize {
			t.Errorf("%s: %d bytes, shortened %v", format, len(e.Bytes), e.Shortened)
		}
	}
}
