package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tidings.example/feed"
)

// read returns a file below the world's folder.
func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func TestTheIssuesOfANewsletterAreAFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.write("tidings.toml", strings.Replace(w.read("tidings.toml"), `name = "weekly"`, "name = \"weekly\"\ntitle = \"A & B weekly\"", 1))
	w.database()
	w.ok("subscribers", "add", "reader@example.com", "--consent", "yes")
	atom := "feeds/digests/weekly/atom.xml"
	if text := w.read(atom); strings.Contains(text, "<entry>") || !strings.Contains(text, "A &#x26; B weekly") {
		t.Errorf("before the first issue:\n%s", text)
	}
	for _, name := range []string{"second", "third"} {
		w.post(name, "2026-11-23", "Text of "+name+", *with* a summary.")
		w.ok("build")
		w.ok("send", "weekly", "--yes")
		w.pass(time.Hour)
	}
	w.ok("build")
	text := w.read(atom)
	for _, want := range []string{
		`<title>A &#x26; B weekly, issue 1</title>`, `<title>A &#x26; B weekly, issue 2</title>`, `href="https://news.example.org/i/1"`, `href="https://news.example.org/i/2"`,
		"https://blog.example.org/second/", "The second post", "23 November 2026", "Text of second, with a summary.", `href="https://news.example.org/issues"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	ids := regexp.MustCompile(`<id>(tag:blog\.example\.org,2026-11-23:feed:digests/weekly:\d)</id>`).FindAllString(text, -1)
	if len(ids) != 2 || strings.Index(text, "issue 2") > strings.Index(text, "issue 1") {
		t.Errorf("ids %q in\n%s", ids, text)
	}
	updated := func() string { return regexp.MustCompile(`<updated>[^<]*`).FindString(w.read(atom)) }

	// A post that is edited changes the entry, one that is withdrawn leaves it.
	before := updated()
	w.pass(time.Hour)
	w.post("second", "2026-11-23", "Another text.")
	if out := w.ok("build"); !strings.Contains(out, "digests/weekly/atom.xml") || updated() <= before || !strings.Contains(w.read(atom), "Another text.") {
		t.Errorf("after an edit: %s, %s before %s\n%s", out, before, updated(), w.read(atom))
	}
	before = updated()
	w.pass(time.Hour)
	if err := os.Remove(filepath.Join(w.dir, "blog/source/_posts/third.md")); err != nil {
		t.Fatal(err)
	}
	w.ok("build")
	if text := w.read(atom); strings.Contains(text, "The third post") || updated() <= before || !strings.Contains(text, "issue 2") {
		t.Errorf("after a withdrawal: %s before %s\n%s", before, updated(), text)
	}

	// What the ledger says is all there is to it.
	text = w.read(atom)
	if err := os.RemoveAll(filepath.Join(w.dir, "feeds")); err != nil {
		t.Fatal(err)
	}
	w.pass(24 * time.Hour)
	w.ok("build")
	if again := w.read(atom); again != text {
		t.Errorf("made anew:\n%s\nwas\n%s", again, text)
	}
	w.judged("feeds/digests/weekly")
}

// A round that makes an issue puts it into its feed.
func TestARoundPutsItsIssueIntoTheFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	w.ok("subscribers", "add", "reader@example.com", "--consent", "yes")
	w.post("second", "2026-11-23", "Text.")
	w.write("tidings.toml", strings.Replace(w.read("tidings.toml"), `["weekly", "immediate"]`, `["immediate", "weekly"]`, 1))
	w.ok("subscribers", "add", "other@example.com", "--consent", "yes")
	w.ok("run")
	if text := w.read("feeds/digests/weekly/feed.json"); !strings.Contains(text, "https://news.example.org/i/1") {
		t.Errorf("\n%s", text)
	}
}

// judged has the strictest judge look at the feeds of a folder.
func (w *world) judged(folder string) {
	w.t.Helper()
	dir := os.Getenv("TIDINGS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	tool, err := filepath.Abs(filepath.Join(dir, "tools", "feedcheck", "feedcheck"))
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := os.Stat(tool); err != nil {
		w.t.Skip("the judge feedcheck is not here: set TIDINGS_SHARED to the folder that holds tools/feedcheck")
	}
	args := []string{"--strict"}
	for _, f := range feed.Formats() {
		args = append(args, filepath.Join(w.dir, folder, f.FileName()))
	}
	if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		w.t.Errorf("%v\n%s", err, out)
	}
}
