package posts

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strings"
	"sync"

	"tidings.example/posts/markdown"
)

// Render implements [Source].
func (d *Directory) Render(ctx context.Context, name string) (out Rendered, err error) {
	defer failOn("post "+name+": rendering", &err)
	if err := ctx.Err(); err != nil {
		return Rendered{}, err
	}
	lent := buffers.Get().(*[]byte)
	defer buffers.Put(lent)
	from := opener{d: d}
	defer from.close()
	data, _, err := from.readFile(name, *lent)
	*lent = data
	if err != nil {
		return Rendered{}, fmt.Errorf("post %s: %w", name, err)
	}
	p := d.parse(name, data, false)
	if p.post == nil {
		return Rendered{}, fmt.Errorf("post %s: %s", name, firstMessage(p.problems))
	}
	result, err := markdown.Render(p.doc.Body, markdown.Options{
		Dialect: d.rules.dialect(),
		HTML:    isHTML(name),
		Title:   p.post.Title,
		Summary: p.post.Summary,
		PostURL: p.post.URL,
		SiteURL: d.site.URL,
		Ref:     func(ref string) (string, string, bool) { return d.ref(ctx, p, ref) },
		Asset:   func(asset string) (string, bool) { return d.asset(p, asset) },
	})
	if err != nil {
		return Rendered{}, fmt.Errorf("post %s: %w", name, err)
	}
	for i := range result.Warnings {
		result.Warnings[i].Line += max(p.doc.BodyLine, 1) - 1 // as editors count, from the top of the file
	}
	return Rendered{Result: result, Hash: hashBytes(data)}, nil
}

func firstMessage(all []Problem) string {
	if len(all) == 0 {
		return "is no post any more"
	}
	return all[0].Message
}

// target is a post that others can refer to.
type target struct{ url, title string }

// lazyIndex is made at the first reference, once for a [Directory].
type lazyIndex struct {
	mu sync.Mutex
	by map[string]target // nil before
}

// targets returns the index; nil when ctx ended before it was made.
func (d *Directory) targets(ctx context.Context) map[string]target {
	d.index.mu.Lock()
	defer d.index.mu.Unlock()
	if d.index.by == nil {
		d.index.by = d.findTargets(ctx)
	}
	return d.index.by
}

// ref resolves a reference to another post: by its path, its file's name, its
// slug or its title, in the forms of {% post_link %}, {{< ref >}} and @/path.md.
func (d *Directory) ref(ctx context.Context, from *page, name string) (string, string, bool) {
	name, fragment, _ := strings.Cut(strings.TrimSpace(name), "#")
	if name == "" {
		return "", "", false
	}
	targets := d.targets(ctx)
	if fragment != "" {
		fragment = "#" + fragment
	}
	name = strings.TrimPrefix(name, "@/")
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	for _, key := range []string{path.Join(path.Dir(from.path), name), name, strings.Trim(name, "/")} {
		key = strings.TrimSuffix(refKey(key), "/index")
		if t, ok := targets[key]; ok {
			return t.url + fragment, t.title, true
		}
	}
	return "", "", false
}

// refKey folds what people write for one file: no extension, no _index.
func refKey(name string) string {
	if isText(name) {
		name = stem(name)
	}
	return strings.TrimPrefix(strings.ToLower(name), "/")
}

// findTargets reads the headers of all posts. A name that several posts share
// belongs to the first of them.
func (d *Directory) findTargets(ctx context.Context) map[string]target {
	by := map[string]target{}
	for entry, err := range d.scan(ctx, nil, false, false) {
		if err != nil {
			return nil
		}
		p := entry.Post
		if p == nil || p.URL == "" || p.Declared != Published {
			continue
		}
		t := target{url: p.URL, title: p.Title}
		key := strings.TrimSuffix(refKey(p.Path), "/index")
		by[key] = t
		for {
			if _, rest, found := strings.Cut(key, "/"); found {
				key = rest
				addTarget(by, key, t)
				continue
			}
			break
		}
		addTarget(by, strings.ToLower(p.Slug), t)
		addTarget(by, strings.ToLower(base(p.Path)), t)
		addTarget(by, strings.ToLower(p.Title), t)
	}
	return by
}

func addTarget(by map[string]target, key string, t target) {
	if _, taken := by[key]; !taken && key != "" {
		by[key] = t
	}
}

// asset resolves the name of a file that belongs to a post: beside it in its
// own folder (post_asset_folder, page bundles), or below the site's root.
func (d *Directory) asset(p *page, name string) (string, bool) {
	name = strings.TrimSpace(name)
	if name == "" || isAbsolute(name) || strings.HasPrefix(name, "//") || p.post.URL == "" {
		return "", false
	}
	if strings.HasPrefix(name, "/") {
		return resolveURL(d.site.URL, p.post.URL, name), true
	}
	plain := name
	if u, err := url.PathUnescape(name); err == nil {
		plain = u
	}
	folder := path.Dir(p.path)
	if b := base(p.path); b != "index" && !strings.HasPrefix(b, "index.") {
		folder = stem(p.path)
	}
	if !d.has(path.Join(folder, plain)) {
		return "", false
	}
	return resolveURL(d.site.URL, folderURL(p.post.URL), name), true
}

// folderURL is where the files of a post's folder are published: in the folder
// that the post's URL is, or beside a post whose URL is a file.
func folderURL(post string) string {
	if strings.HasSuffix(post, "/") || strings.HasSuffix(strings.ToLower(post), ".html") {
		return post
	}
	return post + "/"
}
