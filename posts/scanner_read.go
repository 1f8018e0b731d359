package posts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// scan is one scan while it runs.
type scan struct {
	*Scanner
	o        ScanOptions
	now      time.Time
	state    SourceState
	revision int64
	config   string
	report   Report

	known    *feed
	last     string // path of the last file, for the order
	found    []*found
	files    []File
	vanished []Known
	posts    int                  // known files that hold a post
	broken   []broken             // what could not be read
	told     map[string][]Problem // problems of the last scan, by path
	problems []Problem
	explicit map[string]string // explicit ids of a first scan, by id
	decided  []Change
	dropped  []string
}

// broken is a file or a folder that could not be read.
type broken struct {
	path    string
	warning bool // only warnings: not a folder that hides others
}

func newScan(s *Scanner, state SourceState, now time.Time, o ScanOptions) *scan {
	sc := &scan{Scanner: s, o: o, now: now, state: state, revision: state.Revision, config: s.Source.Config(),
		report: Report{Source: s.Name, First: state.Baseline.IsZero()}}
	if len(state.Problems) > 0 {
		sc.told = map[string][]Problem{}
		for _, p := range state.Problems {
			sc.told[p.Path] = append(sc.told[p.Path], p)
		}
	}
	if sc.report.First {
		sc.explicit = map[string]string{}
	}
	return sc
}

// read goes through the source. A first scan is recorded on the way.
func (sc *scan) read(ctx context.Context) error {
	sc.known = newFeed(sc.Ledger.Known(ctx, sc.Name))
	defer sc.known.close()
	for e, err := range sc.Source.Scan(ctx, sc.known.all(), sc.o.Verify) {
		if err != nil {
			return err
		}
		if err := sc.entry(ctx, &e); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := sc.skipTo("", true); err != nil {
		return err
	}
	sc.spareBroken()
	if sc.report.Posts == 0 {
		return ErrEmpty
	}
	return nil
}

// entry takes in what the source found at one path.
func (sc *scan) entry(ctx context.Context, e *Entry) error {
	if e.Post != nil && e.Post.Hash == hashBytes(nil) {
		// Editors empty a file before they write it. Taken for a post, it would
		// be mailed, and once more when its text is there.
		e.Post, e.Problems = nil, []Problem{{Path: e.Path, Message: "is empty, as a file that is being written: it is left as it was", Warning: true}}
	}
	if e.Post == nil && len(e.Problems) > 0 {
		// Its place among the others is unknown: a folder, or the site's
		// configuration. What is known below it stays as it is.
		sc.broken = append(sc.broken, broken{strings.TrimSuffix(e.Path, "/"), !mustMend(e.Problems)})
		sc.problems = append(sc.problems, e.Problems...)
		return nil
	}
	if e.Path <= sc.last && sc.last != "" {
		return fmt.Errorf("source yields %s after %s: the order of paths is broken", e.Path, sc.last)
	}
	sc.last = e.Path
	if err := sc.skipTo(e.Path, false); err != nil {
		return err
	}
	known, isKnown := sc.known.take(e.Path)
	if isKnown && !known.Ignored {
		sc.posts++
	}
	if !e.Unchanged && !e.Touched {
		sc.problems = append(sc.problems, e.Problems...)
	} else if sc.told != nil {
		sc.problems = append(sc.problems, sc.told[e.Path]...)
	}
	switch {
	case e.Unchanged || e.Touched:
		if !known.Ignored {
			sc.report.Posts++
			sc.report.Unchanged++
		}
		if e.Touched {
			sc.files = append(sc.files, File{Path: e.Path, Stamp: e.Stamp, Ignored: known.Ignored})
		}
	case e.Post == nil:
		if isKnown && !known.Ignored && !known.Twin {
			sc.vanished = append(sc.vanished, known)
		}
		sc.files = append(sc.files, File{Path: e.Path, Stamp: e.Stamp, Ignored: true})
	default:
		sc.report.Posts++
		return sc.post(ctx, e, isKnown && !known.Ignored, known)
	}
	return nil
}

// skipTo notes the known files before the path, or all that are left, as vanished.
func (sc *scan) skipTo(path string, end bool) error {
	for {
		k, ok, err := sc.known.peek()
		if err != nil {
			return err
		}
		if !ok || !end && k.Path >= path {
			return nil
		}
		sc.known.drop()
		if !k.Ignored {
			sc.posts++
		}
		sc.vanished = append(sc.vanished, k)
	}
}

// spareBroken keeps posts whose file could not be read from counting as
// vanished: a broken header is no withdrawal.
func (sc *scan) spareBroken() {
	if len(sc.broken) == 0 {
		return
	}
	files, folders := map[string]bool{}, map[string]bool{}
	for _, b := range sc.broken {
		files[b.path] = true
		folders[b.path] = !b.warning
	}
	sc.vanished = slices.DeleteFunc(sc.vanished, func(k Known) bool {
		if !files[k.Path] && !below(folders, k.Path) {
			return false
		}
		if !k.Ignored {
			sc.report.Posts++
		}
		if files[k.Path] && k.Stamp.Size >= 0 {
			sc.files = append(sc.files, File{Path: k.Path, Stamp: k.Stamp, Again: true, Ignored: k.Ignored})
		}
		return true
	})
}

// below tells whether the path lies in one of the folders.
func below(folders map[string]bool, path string) bool {
	for {
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return false
		}
		path = path[:i]
		if folders[path] {
			return true
		}
	}
}

// post takes in a file that was read.
func (sc *scan) post(ctx context.Context, e *Entry, isKnown bool, known Known) error {
	p := *e.Post
	p.Path, p.Stamp, p.Declared = e.Path, e.Stamp, declared(e.Post)
	f := &found{post: &p, again: mustMend(e.Problems), stale: isKnown && known.Stamp.Size < 0 && known.Config == sc.config}
	if isKnown && !known.Twin {
		records, err := sc.Ledger.Find(ctx, sc.Name, Query{Paths: []string{p.Path}})
		if err != nil {
			return err
		}
		if len(records) == 1 {
			f.at = &records[0]
			f.at.Source = sc.Name
		}
	}
	if f.at != nil && samePost(&f.at.Post, &p) {
		sc.same(f, f.at)
		return sc.flush(ctx)
	}
	f.slim()
	sc.found = append(sc.found, f)
	return sc.flush(ctx)
}

// slim drops what is not needed of the known post: a new permalink changes all
// posts of a site, and they are kept until the scan has ended.
func (f *found) slim() {
	k := f.at
	if k == nil {
		return
	}
	unnamed := k.Post
	unnamed.ExplicitID = f.post.ExplicitID
	f.same = samePost(&unnamed, f.post)
	k.Tags, k.Categories, k.Authors, k.Enclosures = nil, nil, nil, nil
	k.Language, k.Slug, k.Summary, k.Image, k.Thumbnail, k.Origin = "", "", "", "", "", Origin{}
	for _, pair := range [][2]*string{{&k.Path, &f.post.Path}, {&k.Title, &f.post.Title}, {&k.Fingerprint, &f.post.Fingerprint}, {&k.Hash, &f.post.Hash}, {&k.URL, &f.post.URL}} {
		if *pair[0] == *pair[1] {
			*pair[0] = *pair[1] // one copy of the text
		}
	}
}

// same notes a file that was read and whose post did not change.
func (sc *scan) same(f *found, k *Record) {
	sc.report.Unchanged++
	if !f.again || !f.stale || k.Hash != f.post.Hash {
		sc.files = append(sc.files, File{Path: f.post.Path, Stamp: f.post.Stamp, Hash: f.post.Hash, Again: f.again})
	}
}

// mustMend tells whether the problems are more than warnings.
func mustMend(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning })
}

// flush records a full part of a first scan.
func (sc *scan) flush(ctx context.Context) error {
	if !sc.report.First || len(sc.found)+len(sc.files) < chunk {
		return nil
	}
	if err := sc.matchFirst(ctx); err != nil {
		return err
	}
	if sc.o.DryRun {
		sc.decided, sc.files = sc.decided[:0], sc.files[:0]
		return nil
	}
	revision, err := sc.Ledger.Apply(ctx, sc.Name, Changes{Revision: sc.revision, Now: sc.now, Config: sc.config, Posts: sc.decided, Files: sc.files})
	sc.revision = revision
	clear(sc.decided)
	sc.decided, sc.files = sc.decided[:0], sc.files[:0]
	return err
}
