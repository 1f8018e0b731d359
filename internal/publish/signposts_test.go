package publish

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const testMark = "written by the test; take this line out to keep the file"

// signed are feeds with one served signpost and one that is not.
func signed(dir string, made *int) *Feeds {
	f := &Feeds{Dir: dir, URL: "https://news.example.org/"}
	f.Signposts = func(list []Feed) ([]Signpost, error) {
		*made++
		text := "# " + testMark + "\n"
		for _, one := range list {
			text += one.Folder + "\n"
		}
		return []Signpost{{Name: "feeds.opml", Text: []byte(text), Type: "text/x-opml", Mark: testMark}, {Name: ".htaccess", Text: []byte(text), Mark: testMark}}, nil
	}
	return f
}

func point(t *testing.T, f *Feeds, list ...Feed) (fresh bool, changed []string) {
	t.Helper()
	fresh, changed, err := f.point(list, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for i := range changed {
		changed[i] = filepath.Base(changed[i])
	}
	return fresh, changed
}

func TestSignpostsAreWrittenOnceAndMadeForANewListOnly(t *testing.T) {
	t.Parallel()
	var made int
	f := signed(t.TempDir(), &made)
	both := []string{"feeds.opml", ".htaccess"}
	if fresh, changed := point(t, f, Feed{}); !fresh || !slices.Equal(changed, both) {
		t.Errorf("first: %t %q", fresh, changed)
	}
	for range 2 {
		if fresh, changed := point(t, f, Feed{}); fresh || len(changed) > 0 || made != 1 {
			t.Errorf("once more: %t %q, made %d times", fresh, changed, made)
		}
	}
	if fresh, changed := point(t, f, Feed{}, Feed{Folder: "tags/go"}); !fresh || !slices.Equal(changed, both) {
		t.Errorf("with a new feed: %t %q", fresh, changed)
	}
	again := signed(f.Dir, &made) // the next process
	if _, changed := point(t, again, Feed{}, Feed{Folder: "tags/go"}); len(changed) > 0 {
		t.Errorf("another process wrote %q", changed)
	}
	if page := again.posted.pages["/feeds.opml"]; page.Self != "https://news.example.org/feeds.opml" || len(again.posted.pages) != 1 {
		t.Errorf("served: %+v", again.posted.pages)
	}
}

func TestSignpostsThatAreGoneOrAlteredComeBack(t *testing.T) {
	t.Parallel()
	var made int
	f := signed(t.TempDir(), &made)
	point(t, f, Feed{})
	if err := os.Remove(filepath.Join(f.Dir, "feeds.opml")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Dir, ".htaccess"), []byte("# "+testMark+"\nDeny from all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if fresh, changed := point(t, f, Feed{}); fresh || !slices.Equal(changed, []string{"feeds.opml", ".htaccess"}) {
		t.Errorf("%t %q", fresh, changed)
	}
}

func TestWhatSomebodyElseWroteStaysAsItIs(t *testing.T) {
	t.Parallel()
	elsewhere := filepath.Join(t.TempDir(), "mine")
	for name, lay := range map[string]func(path string) error{
		"a file":           func(p string) error { return os.WriteFile(p, []byte("mine\n"), 0o600) },
		"an empty file":    func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"ours, taken over": func(p string) error { return os.WriteFile(p, []byte("# tags/go\n"), 0o600) },
		"a mark far below": func(p string) error {
			return os.WriteFile(p, []byte(strings.Repeat("mine\n", 1000)+testMark), 0o600)
		},
		"a folder": func(p string) error { return os.Mkdir(p, 0o700) },
		"a link":   func(p string) error { return os.Symlink(elsewhere, p) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var made int
			f := signed(t.TempDir(), &made)
			path := filepath.Join(f.Dir, "feeds.opml")
			if err := lay(path); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			fresh, changed := point(t, f, Feed{})
			after, err := os.Lstat(path)
			if err != nil || after.Mode() != before.Mode() || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
				t.Errorf("it is %v now, was %v (%v)", after, before, err)
			}
			if !slices.Equal(f.Kept, []string{path}) || !slices.Equal(changed, []string{".htaccess"}) || !fresh {
				t.Errorf("kept %q, wrote %q", f.Kept, changed)
			}
			if _, err := os.Lstat(elsewhere); err == nil {
				t.Error("the file behind the link was made")
			}
			// Out of the way, it is ours again.
			if err := os.Rename(path, path+".old"); err != nil {
				t.Fatal(err)
			}
			if _, changed := point(t, f, Feed{}); len(f.Kept) > 0 || !slices.Equal(changed, []string{"feeds.opml"}) {
				t.Errorf("then kept %q, wrote %q", f.Kept, changed)
			}
		})
	}
}

func TestASignpostThatCannotBeWrittenIsTriedAgainAndStopsNoOther(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no such names")
	}
	var made int
	f := signed(t.TempDir(), &made)
	signposts, broken := f.Signposts, true
	f.Signposts = func(list []Feed) ([]Signpost, error) {
		out, err := signposts(list)
		if broken {
			out[0].Name = "a\x00b"
		}
		return out, err
	}
	if _, changed, err := f.point([]Feed{{}}, time.Time{}); err == nil || len(changed) != 1 {
		t.Errorf("wrote %q, %v", changed, err)
	}
	broken = false
	if _, changed := point(t, f, Feed{}); !slices.Equal(changed, []string{"feeds.opml"}) {
		t.Errorf("then %q", changed)
	}
}
