package feed_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/feed"
)

// catalog is a list of feeds with every difficulty in it.
func catalog() *feed.OPML {
	one := func(text, folder string) feed.Outline {
		return feed.Outline{Text: text, Feed: "https://news.example.org/" + folder + "atom.xml", Home: "https://blog.example.org/",
			Description: "About \"quotes\", <tags> & 标签\x00\x1b[31m", Language: "zh-cn"}
	}
	return &feed.OPML{Title: "Blog <b>&\x07 more", Home: "https://news.example.org/feeds", Outlines: []feed.Outline{
		one("Blog", ""),
		{Text: "Tags & more", Outlines: []feed.Outline{one("C++ <vector>", "tags/c++/"), one("\"数据库\"\u202e", "tags/数据库/"), one("  two\nlines ", "tags/two/")}},
		{Text: "Nothing"},
		{Text: "no feed", Feed: "javascript:alert(1)"},
	}}
}

func TestOPMLBeginsWithItsComment(t *testing.T) {
	t.Parallel()
	list := catalog()
	list.Comment = "made --> by\na program -- keep out\x00 -"
	text := feed.EncodeOPML(list)
	lines := strings.Split(string(text), "\n")
	if want := "<!-- made ‐‐> by a program ‐‐ keep out ‐ -->"; lines[1] != want {
		t.Errorf("%q, want %q", lines[1], want)
	}
	var doc struct {
		Body []outline `xml:"body>outline"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil || len(doc.Body) != 2 {
		t.Errorf("%v\n%s", err, text)
	}
}

type outline struct {
	Type        string    `xml:"type,attr"`
	Text        string    `xml:"text,attr"`
	Title       string    `xml:"title,attr"`
	URL         string    `xml:"xmlUrl,attr"`
	Home        string    `xml:"htmlUrl,attr"`
	Description string    `xml:"description,attr"`
	Language    string    `xml:"language,attr"`
	Outlines    []outline `xml:"outline"`
}

func TestOPMLListsEveryFeedInItsGroup(t *testing.T) {
	t.Parallel()
	text := feed.EncodeOPML(catalog())
	if !bytes.Equal(text, feed.EncodeOPML(catalog())) {
		t.Error("the same list gives different bytes")
	}
	var doc struct {
		Version string    `xml:"version,attr"`
		Title   string    `xml:"head>title"`
		Body    []outline `xml:"body>outline"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if doc.Version != "2.0" || doc.Title != "Blog <b>& more" || len(doc.Body) != 2 {
		t.Fatalf("%+v", doc)
	}
	want := outline{Type: "rss", Text: "Blog", Title: "Blog", URL: "https://news.example.org/atom.xml", Home: "https://blog.example.org/",
		Description: "About \"quotes\", <tags> & 标签", Language: "zh-CN"}
	if fmt.Sprint(doc.Body[0]) != fmt.Sprint(want) {
		t.Errorf("%+v", doc.Body[0])
	}
	group := doc.Body[1]
	if group.Text != "Tags & more" || group.Type != "" || len(group.Outlines) != 3 ||
		group.Outlines[1].URL != "https://news.example.org/tags/%E6%95%B0%E6%8D%AE%E5%BA%93/atom.xml" || group.Outlines[2].Text != "two lines" {
		t.Errorf("%+v", group)
	}
}

func TestOPMLIsWellFormedToTheJudgeAndIsImportedByAReader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "feeds.opml")
	if _, err := feed.WriteFile(file, feed.EncodeOPML(catalog())); err != nil {
		t.Fatal(err)
	}
	t.Run("xmllint", func(t *testing.T) {
		if _, err := exec.LookPath("xmllint"); err != nil {
			t.Skip("the judge xmllint is not here")
		}
		if out, err := exec.Command("xmllint", "--noout", "--nonet", file).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("newsboat", func(t *testing.T) {
		if _, err := exec.LookPath("newsboat"); err != nil {
			t.Skip("the judge newsboat is not here")
		}
		urls, config := filepath.Join(dir, "urls"), filepath.Join(dir, "config")
		for _, f := range []string{urls, config} {
			if err := os.WriteFile(f, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("newsboat", "-u", urls, "-C", config, "-c", filepath.Join(dir, "cache.db"), "-i", file)
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir, "LC_ALL=C.UTF-8")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		text, err := os.ReadFile(urls)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for l := range strings.Lines(string(text)) {
			got = append(got, strings.Fields(l)[0])
		}
		slices.Sort(got)
		const root = "https://news.example.org/"
		if want := []string{root + "atom.xml", root + "tags/%E6%95%B0%E6%8D%AE%E5%BA%93/atom.xml", root + "tags/c++/atom.xml", root + "tags/two/atom.xml"}; !slices.Equal(got, want) {
			t.Errorf("newsboat took\n%s\nof\n%s", text, strings.Join(want, "\n"))
		}
	})
}

func FuzzOPML(f *testing.F) {
	f.Add("Blog", "https://blog.example.org/?a=1&b=\"", "\x00<]]>")
	f.Fuzz(func(t *testing.T, text, url, description string) {
		out := feed.EncodeOPML(&feed.OPML{Title: text, Home: url, Outlines: []feed.Outline{
			{Text: text, Feed: url, Home: url, Description: description, Language: description},
			{Text: description, Outlines: []feed.Outline{{Text: text, Feed: "https://x.example/"}}},
		}})
		d := xml.NewDecoder(bytes.NewReader(out))
		for {
			if _, err := d.Token(); err != nil {
				if err.Error() != "EOF" {
					t.Fatalf("%v\n%q", err, out)
				}
				return
			}
		}
	})
}
