package posts

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"
)

func renderPost(t *testing.T, d *Directory, path string) string {
	t.Helper()
	body, err := d.Render(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return body.HTML
}

func TestReferencesToOtherPostsBecomeTheirAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files map[string]string
		path  string
		want  string
	}{
		{"hexo post_link", map[string]string{"_config.yml": "url: https://h.example\ntimezone: UTC\n",
			"source/_posts/b.md": "---\ntitle: B\ndate: 2020-01-02\n---\nx", "source/_posts/a.md": "---\ndate: 2020-01-01\n---\n{% post_link b %}"},
			"source/_posts/a.md", `href="https://h.example/2020/01/02/b/"`},
		{"hugo ref", map[string]string{"hugo.toml": "baseURL = 'https://h.example/'",
			"content/post/b.md": "---\ntitle: B\ndate: 2020-01-02\n---\nx", "content/post/a.md": "---\ndate: 2020-01-01\n---\n[b]({{< ref \"b.md\" >}})"},
			"content/post/a.md", `href="https://h.example/post/b/"`},
		{"zola @/", map[string]string{"config.toml": "base_url = 'https://h.example'",
			"content/blog/b.md": "+++\ntitle = 'B'\ndate = 2020-01-02\n+++\nx", "content/blog/a.md": "+++\ndate = 2020-01-01\n+++\n[b](@/blog/b.md#part)"},
			"content/blog/a.md", `href="https://h.example/blog/b/#part"`},
		{"jekyll post_url", map[string]string{"_config.yml": "url: https://h.example\ntimezone: UTC\n",
			"_posts/2020-01-02-b.md": "x", "_posts/2020-01-01-a.md": "[b]({% post_url 2020-01-02-b %})"},
			"_posts/2020-01-01-a.md", `href="https://h.example/2020/01/02/b.html"`},
	} {
		d := openSite(t, SiteOptions{Root: writeSite(t, c.files), TimeZone: time.UTC})
		if got := renderPost(t, d, c.path); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q has no %s", c.name, got, c.want)
		}
	}
}

func TestFilesOfAPostGetTheirAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files map[string]string
		path  string
		want  string
	}{
		{"hexo post_asset_folder", map[string]string{"_config.yml": "url: https://h.example\ntimezone: UTC\npost_asset_folder: true\n",
			"source/_posts/a.md": "---\ndate: 2020-01-02\n---\n{% asset_img p.png %}", "source/_posts/a/p.png": "x"},
			"source/_posts/a.md", `src="https://h.example/2020/01/02/a/p.png"`},
		{"hugo bundle", map[string]string{"hugo.toml": "baseURL = 'https://h.example/'",
			"content/post/a/index.md": "---\ndate: 2020-01-02\n---\n![](p.png)", "content/post/a/p.png": "x"},
			"content/post/a/index.md", `src="https://h.example/post/a/p.png"`},
	} {
		d := openSite(t, SiteOptions{Root: writeSite(t, c.files), TimeZone: time.UTC})
		if got := renderPost(t, d, c.path); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q has no %s", c.name, got, c.want)
		}
	}
}

func TestRenderRefusesWhatIsNoPostAndWhatIsOutside(t *testing.T) {
	t.Parallel()
	d := openSite(t, SiteOptions{Root: writeSite(t, hexoFiles("a.md"))})
	for _, path := range []string{"../../../etc/passwd", "/etc/passwd", "nothing.md", "source"} {
		if _, err := d.Render(context.Background(), path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, gone := d.Render(context.Background(), "source/_posts/gone.md")
	_, folder := d.Render(context.Background(), "source")
	if !errors.Is(gone, fs.ErrNotExist) || errors.Is(folder, fs.ErrNotExist) {
		t.Errorf("gone: %v, folder: %v", gone, folder)
	}
}
