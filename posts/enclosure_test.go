package posts

import (
	"testing"
	"time"
)

func TestSizesAndPlayingTimesAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"13654375": 13654375, "13,654,375": 13654375, "13.7 MB": 13700000, "13,7MB": 13700000, "1 GiB": 1 << 30, "512 kb": 512000, "77 bytes": 77, "9B": 9,
		"": 0, "big": 0, "-3": 0, "1e99 MB": 0, "NaN MB": 0, "0:31": 0, "99999999999999999999": 0,
	} {
		if got := byteCount(text); got != want {
			t.Errorf("%q is %d bytes, want %d", text, got, want)
		}
	}
	for text, want := range map[string]time.Duration{
		"1:02:03": 3723 * time.Second, "62:03": 3723 * time.Second, "3723": 3723 * time.Second, "3723.9": 3723 * time.Second, "1h2m3s": 3723 * time.Second,
		"PT1H2M3S": 3723 * time.Second, "00:01:30": 90 * time.Second, " 15:00 ": 15 * time.Minute,
		"": 0, "long": 0, "1:2:3:4": 0, "-5": 0, "NaN": 0, "Inf": 0, "9999999999": 0, "1:": 0,
	} {
		if got := playTime(text); got != want {
			t.Errorf("%q plays %s, want %s", text, got, want)
		}
	}
}

func TestFilesThatAreNowhereAreToldOfPublishedPostsOnly(t *testing.T) {
	t.Parallel()
	files := hexoFiles()
	files["source/_posts/a.md"] = "---\ntitle: A\ndate: 2026-01-01\naudio: none.mp3\npodcast: {file: other.mp3}\n---\nx"
	files["source/_posts/b.md"] = "---\ntitle: B\ndate: 2026-01-01\npublished: false\naudio: none.mp3\n---\nx"
	d := openSite(t, SiteOptions{Root: writeSite(t, files)})
	entries := scanAll(t, d, nil, false)
	a, b := entryAt(t, entries, "source/_posts/a.md"), entryAt(t, entries, "source/_posts/b.md")
	if len(a.Problems) != 2 || a.Problems[0].Line != 4 || !a.Problems[0].Warning || len(a.Post.Enclosures) != 0 {
		t.Errorf("a: %+v", a.Problems)
	}
	if len(b.Problems) != 0 {
		t.Errorf("b: %+v", b.Problems)
	}
}
