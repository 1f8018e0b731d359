package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckTellsOfAFolderOfFeedsThatCannotBe(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"notes.txt":        "notes.txt is a file, and feeds need a folder",
		"notes.txt/a/b":    "notes.txt is a file, and feeds need a folder",
		"link":             "link leads to nothing",
		"link/below":       "link leads to nothing",
		"new/folder/of/it": "",
		"blog":             "",
		".":                "",
	} {
		w := newWorld(t, "[feeds]\ndir = \""+dir+"\"\n")
		w.write("notes.txt", "mine")
		if err := os.Symlink(filepath.Join(w.dir, "nowhere"), filepath.Join(w.dir, "link")); err != nil {
			t.Fatal(err)
		}
		out, errs, code := w.run(t.Context(), "check")
		if want == "" && (code != 0 || errs != "") || want != "" && (code != 2 || !strings.Contains(errs, "tidings.toml:13:1: feeds.dir: ") || !strings.Contains(errs, want)) {
			t.Errorf("%s: exit code %d, %s%s, want %q", dir, code, out, errs, want)
		}
		if _, err := os.Stat(filepath.Join(w.dir, "new")); err == nil {
			t.Error("check made a folder")
		}
	}
}

func TestCheckWarnsOfAFolderOfFeedsThatIsNotToBeWritten(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	w := newWorld(t, "[feeds]\ndir = \"locked/feeds\"\n")
	if err := os.Mkdir(filepath.Join(w.dir, "locked"), 0o500); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := w.run(t.Context(), "check"); code != 0 || !strings.Contains(errs, "tidings.toml:13: warning: feeds.dir: no feed can be written: ") {
		t.Errorf("exit code %d, %s", code, errs)
	}
}
