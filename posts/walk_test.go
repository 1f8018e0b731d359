package posts

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const onePost = "---\ntitle: t\ndate: 2020-01-02\n---\nbody\n"

// hexoFiles is a small site of Hexo with the given posts.
func hexoFiles(names ...string) map[string]string {
	files := map[string]string{"_config.yml": "url: https://h.example\ntimezone: UTC\n"}
	for _, name := range names {
		files["source/_posts/"+name] = onePost
	}
	return files
}

func TestWalkGoesInTheOrderOfWholePaths(t *testing.T) {
	t.Parallel()
	d := openSite(t, SiteOptions{Root: writeSite(t, hexoFiles("a.md", "a/b.md", "a-b.md", "a/b/c.md", "a0.md", "B.md", "a b.md", "ä.md"))})
	var paths []string
	for _, e := range scanAll(t, d, nil, false) {
		paths = append(paths, e.Path)
	}
	if len(paths) != 8 || !slices.IsSorted(paths) {
		t.Errorf("%q", paths)
	}
}

func TestStrangeFilesAreToldAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs named pipes and symbolic links")
	}
	root := writeSite(t, hexoFiles("good.md", "zz/good.md"))
	posts := filepath.Join(root, "source", "_posts")
	outside := writeSite(t, map[string]string{"secret.md": onePost})
	for _, err := range []error{
		syscall.Mkfifo(filepath.Join(posts, "pipe.md"), 0o600),
		os.Symlink("loop.md", filepath.Join(posts, "loop.md")),
		os.Symlink("..", filepath.Join(posts, "up")),
		os.Symlink(".", filepath.Join(posts, "zz", "self")),
		os.Symlink(filepath.Join(outside, "secret.md"), filepath.Join(posts, "escape.md")),
		os.Symlink(outside, filepath.Join(posts, "outside")),
		os.Symlink("/dev/zero", filepath.Join(posts, "zero.md")),
		os.Symlink("nothing.md", filepath.Join(posts, "dangling.md")),
		os.Symlink("good.md", filepath.Join(posts, "link.md")),
		os.WriteFile(filepath.Join(posts, "bad.md"), []byte("---\ntitle: \"open\n---\nx\n"), 0o600),
		os.WriteFile(filepath.Join(posts, "big.md"), nil, 0o600),
		os.Truncate(filepath.Join(posts, "big.md"), 50<<20),
		os.Mkdir(filepath.Join(posts, "folder.md"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	read, told := map[string]bool{}, map[string]string{}
	for e, err := range openSite(t, SiteOptions{Root: root}).Scan(ctx, nil, false) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Post != nil {
			read[strings.TrimPrefix(e.Path, "source/_posts/")] = true
		}
		for _, p := range e.Problems {
			told[strings.TrimPrefix(p.Path, "source/_posts/")] = p.Message
		}
	}
	for _, name := range []string{"good.md", "zz/good.md", "link.md"} {
		if !read[name] {
			t.Errorf("%s was not read", name)
		}
	}
	if len(read) != 3 {
		t.Errorf("read: %v", read)
	}
	for name, word := range map[string]string{"pipe.md": "named pipe", "loop.md": "back to itself", "up": "that it lies in", "zz/self": "that it lies in",
		"escape.md": "leaves the site", "outside": "leaves the site", "zero.md": "leaves the site", "dangling.md": "to nothing",
		"bad.md": "header", "big.md": "50.0 MB"} {
		if !strings.Contains(told[name], word) {
			t.Errorf("%s: %q does not say %q", name, told[name], word)
		}
	}
}

func TestPostsBehindALinkThatLeavesTheSiteAreTold(t *testing.T) {
	t.Parallel()
	root := writeSite(t, map[string]string{"_config.yml": "url: https://h.example\ntimezone: UTC\n", "README.md": onePost, "source/x.md": onePost})
	if err := os.Symlink(writeSite(t, map[string]string{"a.md": onePost}), filepath.Join(root, "source", "_posts")); err != nil {
		t.Fatal(err)
	}
	entries := scanAll(t, openSite(t, SiteOptions{Root: root, Kind: Hexo}), nil, false)
	if len(entries) != 1 || entries[0].Path != "source/_posts" || len(entries[0].Problems) != 1 || !strings.Contains(entries[0].Problems[0].Message, "leaves the site") {
		t.Errorf("%+v", entries)
	}
}

func TestNameThatIsNoTextIsTold(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs a file system whose names are bytes")
	}
	root := writeSite(t, hexoFiles("good.md"))
	if err := os.WriteFile(filepath.Join(root, "source", "_posts", "bad\xff.md"), []byte(onePost), 0o600); err != nil {
		t.Skip(err)
	}
	var read, told []string
	for e, err := range openSite(t, SiteOptions{Root: root}).Scan(context.Background(), nil, false) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Post != nil {
			read = append(read, e.Path)
		}
		for _, p := range e.Problems {
			told = append(told, p.Path+" "+p.Message)
		}
	}
	if len(read) != 1 || len(told) != 1 || told[0] != "source/_posts/bad\ufffd.md its name is not UTF-8: rename the file or its folder" {
		t.Errorf("read %q, told %q", read, told)
	}
}

func TestFolderThatCannotBeReadKeepsItsPosts(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root reads every folder")
	}
	root := writeSite(t, hexoFiles("a.md", "in/b.md", "in/c.md", "z.md"))
	d := openSite(t, SiteOptions{Root: root})
	known := knownOf(d, scanAll(t, d, nil, false))
	locked := filepath.Join(root, "source", "_posts", "in")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(locked, 0o755)
	checkKept(t, scanAll(t, d, known, false))
}

// The same without depending on who runs the test.
func TestPostsBelowATroubledFolderStayUnchanged(t *testing.T) {
	t.Parallel()
	d := openSite(t, SiteOptions{Root: writeSite(t, hexoFiles("a.md", "in/b.md", "in/c.md", "z.md"))})
	known := knownOf(d, scanAll(t, d, nil, false))
	var entries []Entry
	s := siteScan{d: d, yield: func(e Entry, err error) bool { entries = append(entries, e); return err == nil }}
	at := 0
	s.next = func() (Known, error, bool) {
		if at++; at > len(known) {
			return Known{}, nil, false
		}
		return known[at-1], nil, true
	}
	s.advance()
	s.visit(visit{path: "source/_posts/a.md", stamp: known[0].Stamp})
	s.visit(visit{path: "source/_posts/in", folder: true, problem: &Problem{Path: "source/_posts/in", Message: "folder cannot be read"}})
	s.visit(visit{path: "source/_posts/z.md", stamp: known[3].Stamp})
	checkKept(t, entries)
}

func checkKept(t *testing.T, entries []Entry) {
	t.Helper()
	for _, name := range []string{"a.md", "in/b.md", "in/c.md", "z.md"} {
		if e := entryAt(t, entries, "source/_posts/"+name); !e.Unchanged {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if e := entryAt(t, entries, "source/_posts/in"); len(e.Problems) != 1 {
		t.Errorf("the folder: %+v", e)
	}
}

func TestLeftoversOfEditorsAreNoPosts(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"a.md": false, ".a.md": true, "._a.md": true, "a.md~": true, ".a.md.swp": true, "a.swp": true,
		"#a.md#": true, "#1.md": false, "a.md.bak": true, "node_modules": true, ".git": true, "public": false} {
		if got := ignoredName(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestGlobsSpanFoldersOnlyWithTwoStars(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"**/*.md", "a.md", true}, {"**/*.md", "x/y/a.md", true}, {"*.md", "x/a.md", false}, {"x", "x/y/a.md", true}, {"x/", "x/a.md", true},
		{"x", "xy/a.md", false}, {"x/**/a.md", "x/a.md", true}, {"x/**", "x/y/z.md", true}, {"{en,fr}/*.md", "fr/a.md", true}, {"{en,fr}/*.md", "de/a.md", false},
		{"content/[a-c]*.md", "content/b1.md", true}, {"content/[a-c]*.md", "content/d.md", false}, {"./x/*.md", "x/a.md", true}, {"", "a.md", false},
		{"**/**/**/a.md", "b/a.md", true}, {"a?.md", "ab.md", true},
	} {
		if got := matchGlob(c.glob, c.name); got != c.want {
			t.Errorf("%q %q: %t", c.glob, c.name, got)
		}
	}
	if _, err := OpenSite(SiteOptions{Root: t.TempDir(), Include: []string{"[a"}, TimeZone: time.UTC}); err == nil {
		t.Error("a broken glob is taken")
	}
}

func TestIncludeAndExcludeChooseAmongThePosts(t *testing.T) {
	t.Parallel()
	root := writeSite(t, hexoFiles("en/a.md", "en/b.md", "fr/a.md"))
	d := openSite(t, SiteOptions{Root: root, Include: []string{"source/_posts/en/**"}, Exclude: []string{"**/b.md"}})
	entries := scanAll(t, d, nil, false)
	if len(entries) != 1 || entries[0].Path != "source/_posts/en/a.md" {
		t.Errorf("%+v", entries)
	}
}

func TestASiteOfHexoWithoutItsPostsHasNone(t *testing.T) {
	t.Parallel()
	files := map[string]string{"_config.yml": "url: https://h.example\ntimezone: UTC\n", "README.md": "# Read me\n", "themes/a/README.md": "# A theme\n"}
	d := openSite(t, SiteOptions{Root: writeSite(t, files), Kind: Hexo})
	if entries := scanAll(t, d, nil, false); len(entries) != 0 {
		t.Errorf("%+v", entries)
	}
	delete(files, "_config.yml")
	d = openSite(t, SiteOptions{Root: writeSite(t, files), Kind: Hexo, BaseURL: "https://h.example/", TimeZone: time.UTC})
	if entries := scanAll(t, d, nil, false); len(entries) == 0 {
		t.Error("a folder that is no site has no posts")
	}
}

func TestASiteHoldsTheFilesThatAScanWouldFind(t *testing.T) {
	t.Parallel()
	files := hexoFiles("a.md", "b.md")
	files["source/_posts/.hidden/c.md"], files["source/_posts/d.txt"] = onePost, "x"
	d := openSite(t, SiteOptions{Root: writeSite(t, files), Exclude: []string{"**/b.md"}})
	for name, want := range map[string]bool{
		"source/_posts/a.md": true, "source/_posts/b.md": false, "source/_posts/none.md": false, "source/_posts/a.md/x.md": false,
		"source/_posts/.hidden/c.md": false, "source/_posts/d.txt": false, "node_modules/a.md": false,
	} {
		if got := d.Holds(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
