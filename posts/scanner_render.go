package posts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Bodies keeps rendered bodies. internal/store implements it.
type Bodies interface {
	// Unrendered returns released posts of the source that are wanted and not
	// withdrawn, and whose body is missing, of an older file, or of another
	// renderer: those with Seq < below, highest first, a limited number. An
	// empty answer is the end.
	Unrendered(ctx context.Context, source, renderer string, want Want, below int64) ([]Stale, error)
	// SaveBodies keeps the bodies, and the problems in place of those that
	// rendering the same posts met before.
	SaveBodies(ctx context.Context, source, renderer string, done []Drawn) error
	// MarkRendered notes that all that is wanted was rendered at a revision of
	// the source, so that Unrendered need not look at every post again before
	// the next change.
	MarkRendered(ctx context.Context, source, renderer string, want Want, revision int64) error
}

// Want says which bodies are needed. The zero value wants none.
type Want struct {
	// Feeds want the newest posts of selections.
	Feeds []Recent
	// Mailable wants every mailable post with Seq > After.
	Mailable bool
	After    int64
	// All wants every post.
	All bool
	// IDs wants these posts.
	IDs []string
}

// Recent is the newest N posts of a selection.
type Recent struct {
	Selection Selection
	N         int
}

// Stale is a post whose body has to be rendered.
type Stale struct {
	ID, Path, Hash string
	Seq            int64
}

// Drawn is a post that was rendered. Without OK the body could not be rendered,
// and the old one stays.
type Drawn struct {
	Stale
	OK       bool
	Body     Body
	Problems []Problem
}

// savedTogether is how many bodies are kept in memory and recorded at once.
const savedTogether = 32

// Render renders the bodies that are wanted and not there yet, and returns how
// many it rendered and the problems it met. A post that cannot be rendered
// keeps its old body and is tried again the next time; one whose file changed
// or went since the scan is left to the next scan, which tells what became of
// it.
func (s *Scanner) Render(ctx context.Context, want Want) (int, []Problem, error) {
	state, err := s.Ledger.SourceState(ctx, s.Name)
	if err != nil {
		return 0, nil, fmt.Errorf("render %s: %w", s.Name, err)
	}
	d := &drawing{Scanner: s, renderer: s.Source.Config() + "\n" + s.Renderer, told: map[string][]Problem{}}
	for _, p := range state.Rendering {
		d.told[p.Path] = append(d.told[p.Path], p)
	}
	for below := int64(math.MaxInt64); ; {
		stale, err := s.Bodies.Unrendered(ctx, s.Name, d.renderer, want, below)
		if err == nil && len(stale) > 0 {
			below = stale[len(stale)-1].Seq
			err = d.page(ctx, stale)
		}
		if err != nil {
			return d.count, d.problems, fmt.Errorf("render %s: %w", s.Name, err)
		}
		if len(stale) == 0 {
			break
		}
	}
	if (want.All || want.Mailable) && d.missed.Load() == 0 {
		if err := s.Bodies.MarkRendered(ctx, s.Name, d.renderer, want, state.Revision); err != nil {
			return d.count, d.problems, err
		}
	}
	return d.count, d.problems, nil
}

// drawing is one run of [Scanner.Render].
type drawing struct {
	*Scanner
	renderer string
	told     map[string][]Problem // problems of earlier runs, by path
	count    int
	problems []Problem
	ready    []Drawn
	missed   atomic.Int64 // bodies that could not be rendered now
}

// page renders some posts, several at once, and saves them as they come.
func (d *drawing) page(ctx context.Context, stale []Stale) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, done := make(chan Stale), make(chan Drawn)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(stale)) {
		workers.Go(func() {
			for p := range work {
				if drawn, ok := d.draw(ctx, p); ok {
					done <- drawn
				}
			}
		})
	}
	go func() {
		defer close(done)
		defer workers.Wait()
		defer close(work)
		for _, p := range stale {
			select {
			case work <- p:
			case <-ctx.Done():
				return
			}
		}
	}()
	var failed error
	for drawn := range done {
		if failed != nil {
			continue // the workers must come to their end
		}
		if failed = d.take(ctx, drawn); failed != nil {
			cancel()
		}
	}
	if failed == nil {
		failed = d.save(ctx)
	}
	if failed == nil {
		failed = ctx.Err()
	}
	return failed
}

// draw renders one post; ok is false where there is nothing to record.
func (d *drawing) draw(ctx context.Context, p Stale) (Drawn, bool) {
	out := Drawn{Stale: p}
	r, err := d.Source.Render(ctx, p.Path)
	switch {
	case ctx.Err() != nil:
		return out, false
	case err != nil || r.Hash != p.Hash:
		d.missed.Add(1)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return out, false
	case err != nil:
		out.Problems = []Problem{{Path: p.Path, Message: fmt.Sprintf("cannot be rendered: %v", err)}}
		return out, true
	case r.Hash != p.Hash:
		return out, false
	}
	out.OK = true
	out.Body = Body{HTML: r.HTML, Summary: r.Summary, Code: r.Code, CodeLanguage: r.CodeLanguage, Image: r.Image, Columns: r.Columns}
	for _, w := range r.Warnings {
		out.Problems = append(out.Problems, Problem{Path: p.Path, Line: w.Line, Message: w.Text, Warning: true})
	}
	return out, true
}

// take keeps a result until there are enough to be saved.
func (d *drawing) take(ctx context.Context, drawn Drawn) error {
	d.problems = append(d.problems, drawn.Problems...)
	if drawn.OK {
		d.count++
	} else if slices.Equal(d.told[drawn.Path], drawn.Problems) {
		return nil // failed as before: nothing to write down
	}
	d.ready = append(d.ready, drawn)
	if len(d.ready) < savedTogether {
		return nil
	}
	return d.save(ctx)
}

func (d *drawing) save(ctx context.Context) error {
	if len(d.ready) == 0 {
		return nil
	}
	err := d.Bodies.SaveBodies(ctx, d.Name, d.renderer, d.ready)
	clear(d.ready)
	d.ready = d.ready[:0]
	return err
}
