package posts

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var updateSites = flag.Bool("update-sites", false, "write what is found into testdata/sites/*.txtar")

// Each archive is a site; its file "want" is what a scan of it finds.
func TestSiteIsReadByTheRulesOfItsGenerator(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/sites/*.txtar")
	if err != nil || len(archives) < 10 {
		t.Fatalf("%d archives, %v", len(archives), err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			files := map[string]string{}
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
				} else {
					files[f.Name] = string(f.Data)
				}
			}
			o := archiveOptions(t, string(archive.Comment))
			o.Root = writeSite(t, files)
			got := describeSite(t, o)
			if *updateSites {
				rewriteWant(t, name, archive, got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want - got +\n%s", diff)
			}
		})
	}
}

// archiveOptions reads lines like "# zone Asia/Tokyo" in an archive's comment.
func archiveOptions(t *testing.T, comment string) (o SiteOptions) {
	t.Helper()
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#")), " ")
		if !strings.HasPrefix(line, "#") {
			continue
		}
		switch key {
		case "zone":
			zone, err := time.LoadLocation(value)
			if err != nil {
				t.Fatal(err)
			}
			o.TimeZone = zone
		case "base":
			o.BaseURL = value
		case "include":
			o.Include = append(o.Include, value)
		case "permalink":
			o.Permalink = value
		default:
			t.Fatalf("unknown option %q", key)
		}
	}
	if o.TimeZone == nil {
		o.TimeZone = time.UTC
	}
	return o
}

// describeSite prints all that a scan finds.
func describeSite(t *testing.T, o SiteOptions) string {
	t.Helper()
	d := openSite(t, o)
	var b strings.Builder
	s := d.Site()
	fmt.Fprintf(&b, "%s | %s | %s | %s | %s\n", s.Kind, s.Title, s.URL, s.Language, s.TimeZone)
	for _, p := range d.Problems() {
		fmt.Fprintf(&b, "! %s:%d: %s\n", p.Path, p.Line, p.Message)
	}
	for e, err := range d.scan(context.Background(), nil, false, true) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Post != nil {
			describePost(&b, e.Post)
		}
		for _, p := range e.Problems {
			fmt.Fprintf(&b, "! %s:%d: %s\n", p.Path, p.Line, p.Message)
		}
	}
	return b.String()
}

func describePost(b *strings.Builder, p *Post) {
	fmt.Fprintf(b, "%s\n", p.Path)
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(b, "    %s: %s\n", key, value)
		}
	}
	line("title", p.Title)
	line("state", string(p.StateAt(siteNow)))
	if plain, err := url.PathUnescape(p.URL); err == nil && plain != p.URL {
		line("url", p.URL+"  "+plain)
	} else {
		line("url", p.URL)
	}
	if !p.Date.IsZero() {
		line("date", p.Date.UTC().Format(time.RFC3339))
	}
	if !p.Updated.IsZero() {
		line("updated", p.Updated.UTC().Format(time.RFC3339))
	}
	line("slug", p.Slug)
	line("language", p.Language)
	line("tags", strings.Join(p.Tags, " | "))
	line("categories", strings.Join(p.Categories, " | "))
	line("aliases", strings.Join(p.Aliases, " "))
	line("summary", p.Summary)
	line("image", p.Image)
	line("thumbnail", p.Thumbnail)
	for _, e := range p.Enclosures {
		line("enclosure", strings.TrimRight(fmt.Sprintf("%s %s %d %s %s", e.URL, e.Type, e.Length, e.Duration, e.Title), " "))
	}
	for _, a := range p.Authors {
		line("author", a.Name)
	}
}

func rewriteWant(t *testing.T, name string, archive *txtar.Archive, got string) {
	t.Helper()
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name != "want" {
			kept = append(kept, f)
		}
	}
	archive.Files = append(kept, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
