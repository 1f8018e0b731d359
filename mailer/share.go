package mailer

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.example/internal/locale"
	"tidings.example/posts"
)

// shares finds what each interest gets, and renders every distinct letter once.
// It holds the posts that are due to anybody, never readers.
type shares struct {
	engine *Engine
	digest *Digest
	issue  Issue
	number int64
	now    time.Time
	// from is the cursor down to which due is loaded: sequences in (from, cut].
	from   int64
	loaded bool
	due    []posts.Record // of the digest, ascending by sequence
	again  []posts.Record // the posts asked for in a manual send
	owed   map[string]*posts.Record
	// variants are the stored letters by what is in them.
	variants map[string]int64
	letters  map[string]int64 // the same by interest, some of them
}

func newShares(e *Engine, d *Digest, issue Issue, now time.Time) *shares {
	return &shares{engine: e, digest: d, issue: issue, now: now, owed: map[string]*posts.Record{}, variants: map[string]int64{}, letters: map[string]int64{}}
}

// posts returns the share of an interest, newest first; empty is no letter.
func (s *shares) posts(ctx context.Context, in Interest) ([]posts.Record, error) {
	topics, err := ParseTopics(in.Topics)
	if err != nil {
		return nil, err
	}
	if err := s.load(ctx, in.Cursor); err != nil {
		return nil, err
	}
	if err := s.loadOwed(ctx, in.Owed); err != nil {
		return nil, err
	}
	var share []posts.Record
	taken := map[string]bool{}
	take := func(r *posts.Record) {
		if !taken[r.ID] && topics.Match(r) {
			taken[r.ID] = true
			share = append(share, *r)
		}
	}
	for i := range s.due {
		if s.due[i].Seq > in.Cursor {
			take(&s.due[i])
		}
	}
	for _, id := range in.Owed {
		if r := s.owed[id]; r != nil {
			take(r)
		}
	}
	for i := range s.again {
		if !slices.Contains(in.Served, s.again[i].ID) {
			take(&s.again[i])
		}
	}
	slices.SortFunc(share, newestFirst)
	return share, nil
}

func newestFirst(a, b posts.Record) int {
	return cmp.Or(b.Date.Compare(a.Date), cmp.Compare(b.Seq, a.Seq))
}

// load reads the due posts down to a cursor.
func (s *shares) load(ctx context.Context, cursor int64) error {
	upto := s.from
	if !s.loaded {
		s.loaded, s.from, upto = true, s.issue.Cut, s.issue.Cut
	}
	if cursor >= s.from {
		return nil
	}
	var older []posts.Record
	for after := cursor; ; {
		page, err := s.engine.Shelf.MailablePosts(ctx, after, upto, lookAhead)
		if err != nil {
			return err
		}
		for i := range page {
			if s.digest.Select.Match(&page[i]) {
				older = append(older, page[i])
			}
		}
		if len(page) < lookAhead {
			break
		}
		after = page[len(page)-1].Seq
	}
	s.due, s.from = append(older, s.due...), cursor
	return nil
}

// loadOwed reads the owed posts that are not known yet.
func (s *shares) loadOwed(ctx context.Context, ids []string) error {
	var missing []string
	for _, id := range ids {
		if _, known := s.owed[id]; !known {
			s.owed[id] = nil
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found, err := s.engine.Shelf.Briefs(ctx, missing...)
	if err != nil {
		return err
	}
	for i := range found {
		if found[i].Live() && s.digest.Select.Match(&found[i]) {
			found[i].Body = posts.Body{}
			s.owed[found[i].ID] = &found[i]
		}
	}
	return nil
}

// edition returns the letter of a share, with the newest bodies.
func (s *shares) edition(ctx context.Context, in Interest, share []posts.Record) (Edition, error) {
	full, err := s.fresh(ctx, share)
	if err != nil {
		return Edition{}, err
	}
	e := s.engine
	ed := Edition{Digest: *s.digest, Publication: e.Publication, Issue: s.number, Language: s.language(in), Date: s.now,
		Zone: s.engine.zone(s.digest, in.Zone), Posts: full, Preferences: e.Preferences}
	if e.Unsubscribe != nil {
		ed.Unsubscribe, ed.Separator = e.Unsubscribe(s.digest.Name), e.Separator
	}
	return ed, nil
}

// briefsTogether is how many posts are read at once for a letter.
const briefsTogether = 200

// fresh reads the posts of a share as they are now, newest first. What no
// letter has room for comes without a body.
func (s *shares) fresh(ctx context.Context, share []posts.Record) ([]posts.Record, error) {
	all := ids(share)
	if s.engine.Draw != nil {
		if err := s.engine.Draw(ctx, all[:min(len(all), maxItems)]); err != nil {
			return nil, err
		}
	}
	out := make([]posts.Record, 0, len(share))
	for some := range slices.Chunk(all, briefsTogether) {
		found, err := s.engine.Shelf.Briefs(ctx, some...)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if !found[i].Live() {
				continue // withdrawn a moment ago
			}
			if len(out) >= maxItems {
				found[i].Body = posts.Body{}
			}
			out = append(out, found[i])
		}
	}
	slices.SortFunc(out, newestFirst)
	return out, nil
}

// language returns the language of the words for an interest.
func (s *shares) language(in Interest) string {
	return locale.For(cmp.Or(in.Language, s.digest.Language)).Tag()
}

// key tells letters apart.
func (s *shares) key(in Interest, share []posts.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", s.language(in), s.engine.zone(s.digest, in.Zone))
	for i := range share {
		b.WriteString(share[i].ID + "\n")
	}
	return b.String()
}

// ParseTopics reads a reader's topics as they are stored: JSON of tags,
// categories and languages, or "" for everything.
func ParseTopics(text string) (posts.Selection, error) {
	var t struct{ Tags, Categories, Languages []string }
	if text == "" {
		return posts.Selection{}, nil
	}
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return posts.Selection{}, fmt.Errorf("topics %q: %w", text, err)
	}
	return posts.Selection{Tags: t.Tags, Categories: t.Categories, Languages: t.Languages}, nil
}

// FormatTopics is the reverse of [ParseTopics]; equal topics give equal text.
func FormatTopics(t posts.Selection) string {
	fold := func(words []string) []string {
		out := make([]string, 0, len(words))
		for _, w := range words {
			if w = posts.Fold(strings.TrimSpace(w)); w != "" {
				out = append(out, w)
			}
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	topics := struct {
		Tags       []string `json:"tags,omitempty"`
		Categories []string `json:"categories,omitempty"`
		Languages  []string `json:"languages,omitempty"`
	}{fold(t.Tags), fold(t.Categories), fold(t.Languages)}
	text, err := json.Marshal(topics)
	if err != nil || string(text) == "{}" {
		return ""
	}
	return string(text)
}
