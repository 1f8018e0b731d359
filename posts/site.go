package posts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tidings.example/posts/frontmatter"
	"tidings.example/posts/markdown"
)

// readerVersion is part of [Directory.Config]: raising it makes every file be
// read again after the rules of this package have changed.
const readerVersion = "3"

// SiteOptions say how a site directory is read. Only Root is required.
type SiteOptions struct {
	// Root is the folder of the site, the one that holds its configuration.
	Root string
	// Kind is the site's generator; "" recognises it.
	Kind Kind
	// Include and Exclude are globs over paths relative to Root (**, *, ?, [a-z]
	// and {a,b}). With Include only matching files are read, and it takes the
	// place of the choice of a section, collection or folder; what a post is
	// in the generator's own terms (a date in the name, _index.md) stays.
	Include, Exclude []string
	// TimeZone is the zone of dates that name none, where the site's own
	// configuration does not name one. With ZoneOverride it wins over that.
	TimeZone     *time.Location
	ZoneOverride bool
	// BaseURL is the address of the site's root; it wins over the site's own.
	BaseURL string
	// Language is the BCP 47 tag of posts that name none, where the site's own
	// configuration does not name one.
	Language string
	// Permalink, when not empty, is the pattern of every post's address and
	// wins over the generator's: "/:year/:month/:day/:slug/". It knows :year,
	// :month, :day, :slug, :title, :path and :category.
	Permalink string
	// Future lets posts be seen before their date.
	Future bool
}

// Directory is a [Source] that reads the folder of a site.
//
// It reads the site's configuration once, in [OpenSite]: open one for each
// scan. It is safe for use by several goroutines.
type Directory struct {
	o     SiteOptions
	path  string // absolute
	root  *os.Root
	kind  Kind
	site  Site
	zone  *time.Location
	rules rules

	noted  hash.Hash // of everything that shapes posts
	config string
	told   []Problem // of the site as a whole
	index  lazyIndex
}

var _ Source = (*Directory)(nil)

// rules are what one generator decides.
type rules interface {
	// enter tells whether there can be posts below a folder.
	enter(dir string) bool
	// admit tells by its path alone whether a file can be a post.
	admit(path string) bool
	// header tells how the header of a file is written.
	header(data []byte) frontmatter.Options
	// fill fills in the post; false says that the file is none.
	fill(p *page) bool
	// dialect is the language of bodies.
	dialect() markdown.Dialect
}

// siteFacts is what a generator's configuration says of the site.
type siteFacts struct {
	Site
	// fixedZone is the zone that the generator takes where its configuration
	// names none; "" where it takes the machine's, which is never done here.
	fixedZone string
}

// OpenSite opens the folder of a site and reads its configuration.
//
// Errors are the owner's to mend: a folder that is not there, a configuration
// that cannot be read, a time zone that nobody names.
func OpenSite(o SiteOptions) (*Directory, error) {
	abs, err := filepath.Abs(o.Root)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Root, err)
	}
	if info, err := os.Stat(abs); err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Root, bareError(err))
	} else if !info.IsDir() {
		return nil, fmt.Errorf("source %s: is a file, not the folder of a site", o.Root)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Root, bareError(err))
	}
	d := &Directory{o: o, path: abs, root: root, kind: o.Kind, noted: sha256.New()}
	if err := d.open(); err != nil {
		root.Close()
		return nil, fmt.Errorf("source %s: %w", o.Root, err)
	}
	return d, nil
}

func (d *Directory) open() error {
	for _, glob := range append(append([]string{}, d.o.Include...), d.o.Exclude...) {
		if err := checkGlob(glob); err != nil {
			return err
		}
	}
	if d.kind == "" {
		d.kind = recognise(d)
	}
	facts, err := d.load()
	if err != nil {
		return err
	}
	d.site = facts.Site
	d.site.Kind = d.kind
	if err := d.settleZone(facts); err != nil {
		return err
	}
	if err := d.settleURL(); err != nil {
		return err
	}
	if d.site.Language = languageTag(d.site.Language); d.site.Language == "" {
		d.site.Language = languageTag(d.o.Language)
	}
	fmt.Fprintf(d.noted, "%s|%s|%+v|%s|%s|%s|%t|%s", readerVersion, d.kind, append(d.o.Include, d.o.Exclude...),
		d.zone, d.site.URL, d.site.Language, d.o.Future, d.o.Permalink)
	d.config = hex.EncodeToString(d.noted.Sum(nil)[:8])
	return nil
}

// load makes the rules of the site's kind.
func (d *Directory) load() (facts siteFacts, err error) {
	switch d.kind {
	case Hexo:
		d.rules, facts, err = newHexo(d)
	case Hugo:
		d.rules, facts, err = newHugo(d)
	case Jekyll:
		d.rules, facts, err = newJekyll(d)
	case Zola:
		d.rules, facts, err = newZola(d)
	case Eleventy:
		d.rules, facts, err = newEleventy(d)
	case Astro:
		d.rules, facts, err = newAstro(d)
	case Pelican:
		d.rules, facts, err = newPelican(d)
	case Markdown:
		d.rules, facts, err = newPlain(d)
	default:
		err = fmt.Errorf("kind %q is not known (want hexo, hugo, jekyll, zola, eleventy, astro, pelican or markdown)", d.kind)
	}
	return facts, err
}

// settleZone decides which zone the dates without one are in: the override,
// the site's own, the setting, the generator's fixed one; never the machine's.
func (d *Directory) settleZone(facts siteFacts) error {
	name := facts.TimeZone
	switch {
	case d.o.TimeZone != nil && (d.o.ZoneOverride || name == ""):
		d.zone = d.o.TimeZone
		d.site.TimeZone = d.zone.String()
		return nil
	case name == "":
		name = facts.fixedZone
	}
	if name == "" || strings.EqualFold(name, "local") {
		return errors.New("the site's configuration names no time zone: time_zone is required (as in time_zone = \"Europe/Berlin\")")
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		if d.o.TimeZone == nil {
			return fmt.Errorf("the site's configuration names the time zone %q, which is not known: set time_zone", name)
		}
		zone = d.o.TimeZone
	}
	d.zone, d.site.TimeZone = zone, zone.String()
	return nil
}

// templateURLs are the addresses that new sites begin with.
var templateURLs = map[string]bool{"http://example.com/": true, "https://example.com/": true, "https://example.org/": true, "http://example.org/": true,
	"http://yoursite.com/": true, "https://yoursite.com/": true}

// settleURL makes the site's address absolute with a slash at its end.
func (d *Directory) settleURL() error {
	if d.o.BaseURL != "" {
		u, err := url.Parse(d.o.BaseURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("base_url: %q is no address (want https://blog.example.org/)", d.o.BaseURL)
		}
		d.site.URL = d.o.BaseURL
	}
	raw := d.site.URL
	if d.site.URL = siteURL(raw); d.o.BaseURL == "" && localHost(d.site.URL) {
		d.site.URL = ""
	}
	if d.site.URL != "" {
		if d.o.BaseURL == "" && templateURLs[d.site.URL] {
			d.tell(Problem{Message: "the site's configuration still names the address of its template, " + raw + ": write the site's own, or set base_url", Warning: true})
		}
		return nil
	}
	why := "the site's configuration names no address"
	if raw != "" {
		why = fmt.Sprintf("the site's configuration names the address %q, which is not complete", raw)
	}
	d.tell(Problem{Message: why + ": posts have no URL until base_url is set (as in base_url = \"https://blog.example.org/\")", Warning: true})
	return nil
}

// tell notes a problem of the site as a whole.
func (d *Directory) tell(p Problem) { d.told = append(d.told, p) }

// Close releases the folder.
func (d *Directory) Close() error { return d.root.Close() }

// Config implements [Source].
func (d *Directory) Config() string { return d.config }

// Site implements [Source].
func (d *Directory) Site() Site { return d.site }

// Problems returns what is wrong with the site as a whole: settings that could
// not be read. Those of single files come with the scan.
func (d *Directory) Problems() []Problem { return d.told }

// Zone returns the zone of dates that name none.
func (d *Directory) Zone() *time.Location { return d.zone }

// bareError drops the path from an error of the file system: the caller names it.
func bareError(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
