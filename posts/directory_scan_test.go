package posts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestUnchangedFilesAreNotOpened(t *testing.T) {
	t.Parallel()
	root := writeSite(t, hexoFiles("a.md", "b.md"))
	d := openSite(t, SiteOptions{Root: root})
	known := knownOf(d, scanAll(t, d, nil, false))
	file := filepath.Join(root, "source/_posts/a.md")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	// Other bytes of the same size and time: only a file that is opened shows them.
	if err := os.WriteFile(file, []byte(strings.Replace(onePost, "body", "BODY", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	for _, e := range scanAll(t, d, known, false) {
		if !e.Unchanged || e.Post != nil {
			t.Errorf("%+v", e)
		}
	}
	if e := entryAt(t, scanAll(t, d, known, true), "source/_posts/a.md"); e.Post == nil || e.Unchanged || e.Touched {
		t.Errorf("a verification does not see the change: %+v", e)
	}
}

func TestFreshTimesAreTouchesNotEdits(t *testing.T) {
	t.Parallel()
	root := writeSite(t, hexoFiles("a.md", "b.md"))
	d := openSite(t, SiteOptions{Root: root})
	known := knownOf(d, scanAll(t, d, nil, false))
	later := time.Unix(1_700_000_000, 0)
	if err := os.Chtimes(filepath.Join(root, "source/_posts/a.md"), later, later); err != nil {
		t.Fatal(err)
	}
	entries := scanAll(t, d, known, false)
	if a := entryAt(t, entries, "source/_posts/a.md"); !a.Touched || a.Post != nil || a.Stamp.ModTime != later.UnixNano() {
		t.Errorf("a: %+v", a)
	}
	if b := entryAt(t, entries, "source/_posts/b.md"); !b.Unchanged {
		t.Errorf("b: %+v", b)
	}
}

func TestOtherSettingsMakeEveryFileBeReadAgain(t *testing.T) {
	t.Parallel()
	root := writeSite(t, hexoFiles("a.md"))
	d := openSite(t, SiteOptions{Root: root})
	known := knownOf(d, scanAll(t, d, nil, false))
	same := openSite(t, SiteOptions{Root: root})
	if same.Config() != d.Config() {
		t.Error("the same settings have two names")
	}
	writeSiteFile(t, root, "_config.yml", "url: https://h.example\ntimezone: UTC\npermalink: :title/\n")
	changed := openSite(t, SiteOptions{Root: root})
	e := entryAt(t, scanAll(t, changed, known, false), "source/_posts/a.md")
	if e.Post == nil || e.Post.URL != "https://h.example/a/" {
		t.Errorf("%+v", e)
	}
	for name, o := range map[string]SiteOptions{"zone": {TimeZone: time.FixedZone("x", 3600), ZoneOverride: true}, "base": {BaseURL: "https://x.example"},
		"future": {Future: true}, "permalink": {Permalink: "/:slug"}, "exclude": {Exclude: []string{"x"}}, "language": {Language: "fr"}} {
		o.Root = root
		if openSite(t, o).Config() == changed.Config() {
			t.Errorf("another %s is the same configuration", name)
		}
	}
}

func TestScanMergesWithWhatIsKnown(t *testing.T) {
	t.Parallel()
	root := writeSite(t, hexoFiles("b.md", "d.md", "f.md"))
	d := openSite(t, SiteOptions{Root: root})
	known := knownOf(d, scanAll(t, d, nil, false))
	// Vanished files stand before, between and behind those that are there.
	for _, gone := range []string{"a.md", "c.md", "e.md", "z.md"} {
		known = append(known, Known{Path: "source/_posts/" + gone, Config: d.Config()})
	}
	slices.SortFunc(known, func(a, b Known) int { return strings.Compare(a.Path, b.Path) })
	entries := scanAll(t, d, known, false)
	if len(entries) != 3 {
		t.Fatalf("%+v", entries)
	}
	for _, e := range entries {
		if !e.Unchanged {
			t.Errorf("%+v", e)
		}
	}
}

func TestScanEndsWhenItsReceiverOrItsContextDoes(t *testing.T) {
	t.Parallel()
	files := hexoFiles()
	for i := range 300 {
		files[fmt.Sprintf("source/_posts/%03d.md", i)] = onePost
	}
	d := openSite(t, SiteOptions{Root: writeSite(t, files)})
	n := 0
	for _, err := range d.Scan(context.Background(), nil, false) {
		if n++; err != nil || n == 5 {
			break
		}
	}
	if n != 5 {
		t.Errorf("%d entries", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var last error
	for _, err := range d.Scan(ctx, nil, false) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a scan without time ends with %v", last)
	}
}

func TestScanFailsAsAWholeWhenTheLedgerOrTheRootDoes(t *testing.T) {
	t.Parallel()
	root := writeSite(t, hexoFiles("a.md"))
	d := openSite(t, SiteOptions{Root: root})
	broken := errors.New("broken ledger")
	var last error
	for _, err := range d.Scan(context.Background(), func(yield func(Known, error) bool) { yield(Known{}, broken) }, false) {
		last = err
	}
	if !errors.Is(last, broken) {
		t.Errorf("ledger: %v", last)
	}
	if err := os.Rename(root, root+"-gone"); err != nil {
		t.Fatal(err)
	}
	last = nil
	for _, err := range d.Scan(context.Background(), nil, false) {
		last = err
	}
	if last == nil {
		t.Error("a root that vanished is an empty site")
	}
	if err := os.Rename(root+"-gone", root); err != nil {
		t.Fatal(err)
	}
}

func TestFingerprintFoldsWhiteSpaceOnly(t *testing.T) {
	t.Parallel()
	of := func(s string) string { f, _ := fingerprint([]byte(s), nil); return f }
	for _, same := range []string{"a b c", " a  b\n\nc\n", "a\tb\r\nc", "a\u3000b\u00a0c", "\u2003a b c\u2028"} {
		if of(same) != of("a b c") {
			t.Errorf("%q differs", same)
		}
	}
	for _, other := range []string{"a bc", "a b C", "a b c d", "", "a‘b’c"} {
		if of(other) == of("a b c") {
			t.Errorf("%q is the same", other)
		}
	}
}
