package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"tidings.example/internal/publish"
	"tidings.example/internal/store"
	"tidings.example/mailer"
	"tidings.example/posts"
)

// sendingScope is the scope of troubles with the server that takes letters; the
// others are stages of a round.
const sendingScope = "sending"

// keepRound puts the troubles that a round found in the place of those that
// were open, and returns what began and what is over.
func (p *program) keepRound(ctx context.Context, r publish.Round) (opened, ended []store.Trouble, err error) {
	if len(r.Stages) == 0 {
		return nil, nil, nil
	}
	p.telling.Lock()
	defer p.telling.Unlock()
	found := map[publish.Stage][]store.Trouble{}
	for _, stage := range r.Stages {
		found[stage] = nil
	}
	if len(p.mail.digests) == 0 {
		found[publish.StageIssues] = nil // whose newsletters are gone has no trouble with them
	}
	if _, looked := found[publish.StageSources]; looked {
		for _, s := range p.config.Sources {
			recorded, err := p.recorded(ctx, s.Name)
			if err != nil {
				return nil, nil, err
			}
			found[publish.StageSources] = append(found[publish.StageSources], recorded...)
		}
	}
	for _, l := range r.Leftovers {
		found[publish.StageSources] = append(found[publish.StageSources], store.Trouble{Key: "left " + l.Name, Kind: "source " + l.Name + " is gone", What: l.String()})
	}
	for _, f := range r.Failures {
		if !errors.Is(f.Err, posts.ErrConflict) { // somebody else has just scanned
			found[f.Stage] = append(found[f.Stage], failure(f))
		}
	}
	for _, stage := range []publish.Stage{publish.StageSources, publish.StageFeeds, publish.StageIssues} {
		list, looked := found[stage]
		if !looked {
			continue
		}
		began, over, err := p.db.KeepTroubles(ctx, string(stage), list, p.sh.now())
		if err != nil {
			return opened, ended, err
		}
		opened, ended = append(opened, began...), append(ended, over...)
	}
	return opened, ended, nil
}

// recorded is what the ledger says of a source: a held scan, posts that cannot
// be read.
func (p *program) recorded(ctx context.Context, source string) ([]store.Trouble, error) {
	state, err := p.db.SourceState(ctx, source)
	if err != nil {
		return nil, err
	}
	var out []store.Trouble
	if state.Hold != "" {
		kind := "source " + source + ": the scan is held"
		out = append(out, store.Trouble{Key: "held " + source, Kind: kind, What: kind + ": " + oneLine(state.Hold)})
	}
	moved, err := p.feedMoved(ctx, source)
	if err != nil {
		return nil, err
	}
	out = append(out, moved...)
	index := map[string]int{}
	for _, list := range [][]posts.Problem{state.Problems, state.Rendering} {
		for _, b := range list {
			if b.Warning {
				continue
			}
			line := oneLine(problemLine(b))
			if at, known := index[b.Path]; known {
				out[at].What += "; " + line
				continue
			}
			index[b.Path] = len(out)
			out = append(out, store.Trouble{Key: "post " + source + " " + b.Path, Kind: "source " + source + ": a post cannot be read", What: line})
		}
	}
	return out, nil
}

// failure is what failed in a round, as a trouble.
func failure(f publish.Failure) store.Trouble {
	t := store.Trouble{Key: strings.TrimSpace(fmt.Sprintf("failure %s %s %s", f.Stage, f.Step, f.Name)), What: oneLine(f.Err.Error())}
	switch f.Stage {
	case publish.StageFeeds:
		t.Kind = "the feeds cannot be written"
	case publish.StageIssues:
		t.Kind = "an issue cannot be made"
		t.What = t.Kind + ": " + t.What
		if f.Name != "" {
			t.Kind = "digest " + f.Name + ": " + t.Kind
		}
	case publish.StageSources:
		words := map[publish.Step]string{publish.StepBefore: "the command before the scan fails", publish.StepOpen: "it cannot be opened",
			publish.StepScan: "it cannot be scanned", publish.StepRelease: "its posts cannot be released", publish.StepRender: "its posts cannot be rendered"}
		name := "source " + f.Name + ": "
		t.Kind, t.What = name+words[f.Step], name+strings.TrimPrefix(t.What, name)
	}
	return t
}

// round makes a round and keeps what was found in it.
func (p *program) round(ctx context.Context, work *publish.Publisher, now time.Time, o posts.ScanOptions) (publish.Round, error) {
	r, err := work.Round(ctx, now, o)
	if ctx.Err() == nil {
		_, _, kept := p.keepRound(ctx, r)
		err = errors.Join(err, kept)
	}
	return r, err
}

// drained keeps how a drain ended, and tells the owner.
func (p *program) drained(ctx context.Context, d *mailer.Dispatcher, err error) error {
	patience := time.Duration(0)
	switch {
	case err == nil:
		patience = math.MaxInt64 // whoever is slow took all there was
	case !errors.Is(err, mailer.ErrStopped):
		return nil
	}
	p.telling.Lock()
	kept := p.keepSending(ctx, d.Status(), patience)
	p.telling.Unlock()
	return errors.Join(kept, p.tellOwner(ctx))
}

// keepSending keeps which servers take no letters. One that is only away is
// given patience; a limit of the owner's own is no trouble. A daemon that has not
// tried a server yet knows nothing better than what was known before it started.
func (p *program) keepSending(ctx context.Context, s mailer.DispatcherStatus, patience time.Duration) error {
	open, err := p.db.Troubles(ctx)
	if err != nil {
		return err
	}
	var found []store.Trouble
	for _, one := range s.Servers {
		t := serverTrouble(one, len(s.Servers) > 1)
		was := slices.IndexFunc(open, func(o store.Trouble) bool { return o.Key == t.Key })
		switch {
		case !one.Tried && patience == lull && was >= 0:
			found = append(found, open[was])
		case one.Reason == "" || one.Limited || !one.Stopped && p.sh.now().Sub(one.Since) < patienceWith(one, patience):
		default:
			found = append(found, t)
		}
	}
	_, _, err = p.db.KeepTroubles(ctx, sendingScope, found, p.sh.now())
	return err
}

// patienceWith is how long a server may take no letter. One that puts all of
// them off may only want to see them again, in a run and in a daemon alike.
func patienceWith(s mailer.ServerStatus, patience time.Duration) time.Duration {
	if s.PutsOff {
		return lull
	}
	return patience
}

// serverTrouble is that a server takes no letters, the only one or one of several.
func serverTrouble(s mailer.ServerStatus, several bool) store.Trouble {
	if several {
		return store.Trouble{Key: sendingScope + " " + s.Name, Kind: "a mail server takes no letters",
			What: "server " + s.Name + " takes no letters: " + oneLine(s.Reason)}
	}
	if s.PutsOff {
		return store.Trouble{Key: sendingScope, Kind: "the mail server puts letters off", What: "the mail server " + oneLine(s.Reason)}
	}
	return store.Trouble{Key: sendingScope, Kind: "sending is stopped", What: "sending is stopped: " + oneLine(s.Reason)}
}

// lull is how long a server may be away before its owner should know.
const lull = 15 * time.Minute

// watchSending looks at the dispatcher: what it announces as it happens is
// brought up to date with what it says now.
func (p *program) watchSending(ctx context.Context, d *mailer.Dispatcher) error {
	p.telling.Lock()
	defer p.telling.Unlock()
	return p.keepSending(ctx, d.Status(), lull)
}

// alarm keeps that a server stopped or goes on, and tells the owner.
func (p *program) alarm(ctx context.Context, d *mailer.Dispatcher) {
	p.telling.Lock()
	err := p.keepSending(ctx, d.Status(), lull)
	p.telling.Unlock()
	if err := errors.Join(err, p.tellOwner(ctx)); err != nil {
		p.log.Error("tell the owner", "error", err)
	}
}

// lettersLines is how many troubles a letter names.
const lettersLines = 20

// tellOwner writes one letter of all that is open and in no letter yet. Where
// the configuration names no mailbox or no newsletter the log and tidings
// status must do.
func (p *program) tellOwner(ctx context.Context) error {
	if p.mail.publication.Contact == "" || len(p.mail.digests) == 0 {
		return nil
	}
	p.telling.Lock()
	defer p.telling.Unlock()
	news, err := p.db.UntoldTroubles(ctx)
	if err != nil || len(news) == 0 {
		return err
	}
	// The request names the troubles: after a crash in between, the same letter
	// is not written again.
	sum := sha256.New()
	var lines []string
	for i, t := range news {
		fmt.Fprintf(sum, "%s\x00%d\x00", t.Key, t.Since.UnixMilli())
		if i < lettersLines {
			lines = append(lines, plain(t.What))
		}
	}
	cause := news[0].Kind
	if n := len(news) - 1; n > 0 {
		cause += fmt.Sprintf(" (and %d more)", n)
	}
	if n := len(news) - lettersLines; n > 0 {
		lines = append(lines, fmt.Sprintf("and %d more: tidings status lists them", n))
	}
	request := "troubles " + hex.EncodeToString(sum.Sum(nil)[:16])
	if err := p.mail.signup.Tell(ctx, request, cause, strings.Join(lines, "\n"), p.sh.now()); err != nil {
		return err
	}
	return p.db.ToldTroubles(ctx, news)
}

// troubles is what is open by now: what rounds found, and what the ledger has
// recorded since.
func (p *program) troubles(ctx context.Context) ([]store.Trouble, error) {
	open, err := p.db.Troubles(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, t := range open {
		known[t.Key] = true
	}
	for _, s := range p.config.Sources {
		recorded, err := p.recorded(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		for _, t := range recorded {
			if !known[t.Key] {
				open = append(open, t)
			}
		}
	}
	return open, nil
}

// oneLine makes a text one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
