package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// below are the files of a world's feeds in a folder of theirs.
func (w *world) below(folder string) (out []string) {
	for path := range w.files() {
		if strings.HasPrefix(path, folder+"/") {
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return out
}

func TestTheFilesOfAFeedThatIsNoMoreLeaveTheDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "[feeds]\ntags = [\"*\"]\nitems = 1\n[[feed]]\nname = \"mine\"\ntags = [\"solo\"]\n")
	w.post("solo", "2026-11-21", "What must not stay.")
	w.post("other", "2026-11-22", "What stays.")
	w.ok("build")
	before := w.files()
	if len(w.below("tags/solo")) != 3 || len(w.below("mine")) != 3 {
		t.Fatalf("no feeds to begin with: %v", w.below("tags"))
	}
	solo := filepath.Join(w.dir, "blog/source/_posts/solo.md")
	text, err := os.ReadFile(solo)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(solo); err != nil {
		t.Fatal(err)
	}
	w.ok("build")
	if _, err := os.Stat(filepath.Join(w.dir, "feeds/tags/solo")); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v, with %v", err, w.below("tags/solo"))
	}
	if len(w.below("mine")) != 3 || len(w.below("tags/other")) != 3 {
		t.Errorf("feeds that are, are not: %v, %v", w.below("mine"), w.below("tags/other"))
	}
	for path, text := range w.files() {
		if strings.Contains(text, "What must not stay.") {
			t.Errorf("%s still says it", path)
		}
	}
	writeFile(t, solo, string(text))
	w.ok("build")
	if got, want := w.below("tags/solo"), []string{"tags/solo/atom.xml", "tags/solo/feed.json", "tags/solo/rss.xml"}; !slices.Equal(got, want) {
		t.Errorf("the feed came back as %v", got)
	}
	if after := w.files(); len(after) != len(before) {
		t.Errorf("%d files, want %d", len(after), len(before))
	}
}

func TestAFileOfAFeedThatIsNoMoreStaysWhereSomebodyChangedIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	change := w.reconfigure()
	change("[[feed]]\nname = \"mine\"\n")
	w.ok("build")
	changed := filepath.Join(w.dir, "feeds/mine/atom.xml")
	writeFile(t, changed, "somebody's own")
	writeFile(t, filepath.Join(w.dir, "feeds/mine/index.html"), "a page")
	change("")
	_, told, code := w.run(t.Context(), "build")
	if code != 0 || strings.Count(told, "atom.xml") != 1 || !strings.Contains(told, "somebody changed it") {
		t.Errorf("exit code %d, told %q", code, told)
	}
	if got, want := w.below("mine"), []string{"mine/atom.xml", "mine/index.html"}; !slices.Equal(got, want) {
		t.Errorf("there is %v, want %v", got, want)
	}
	if _, again, _ := w.run(t.Context(), "build"); strings.Contains(again, "atom.xml") {
		t.Errorf("told again: %q", again)
	}
}

func TestAnArchiveThatIsNotWantedLeavesTheDiskAndComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	for i := range 45 {
		w.post(fmt.Sprintf("post-%d", i), "2026-11-01", "Text.")
	}
	change := w.reconfigure()
	change("[feeds]\nitems = 2\n[[feed]]\nname = \"mine\"\n")
	w.ok("build")
	before := w.files()
	if len(w.below("archive")) == 0 || len(w.below("mine/archive")) == 0 {
		t.Fatal("no archive to begin with")
	}
	writeFile(t, filepath.Join(w.dir, "feeds/archive/0/notes.txt"), "mine")
	change("[feeds]\nitems = 2\narchive = false\n")
	w.ok("build")
	if got := append(w.below("archive"), w.below("mine")...); !slices.Equal(got, []string{"archive/0/notes.txt"}) {
		t.Errorf("there is %v", got)
	}
	change("[feeds]\nitems = 2\n[[feed]]\nname = \"mine\"\n")
	w.ok("build")
	before["archive/0/notes.txt"] = "mine"
	if after := w.files(); !maps.Equal(before, after) {
		t.Errorf("what came back differs in %v: %d files, want %d", differing(before, after), len(after), len(before))
	}
}
