// Package webtest holds fakes of what the pages call, and the contract that
// fakes and real ones keep.
package webtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"tidings.example/internal/web"
)

// Readers is a fake with one subscription, whose tokens are "good" for
// confirming and for leaving. Full is a disk that takes no wish.
type Readers struct{ Confirmed, Left, Expired, Full bool }

// Invitation implements [web.Readers].
func (f *Readers) Invitation(_ context.Context, token string) (web.Invitation, error) {
	if token != "good" {
		return web.Invitation{}, web.ErrNotFound
	}
	return web.Invitation{Digest: "A & B weekly", Language: "en", Done: f.Confirmed && !f.Left, Expired: f.Expired || f.Left}, nil
}

// Confirm implements [web.Readers].
func (f *Readers) Confirm(_ context.Context, token string) error {
	if token != "good" {
		return web.ErrNotFound
	}
	if f.Full {
		return fmt.Errorf("%w: the disk is full", web.ErrUnavailable)
	}
	f.Confirmed = f.Confirmed || !f.Left && !f.Expired
	return nil
}

// Leaving implements [web.Readers].
func (f *Readers) Leaving(_ context.Context, token string) (web.Invitation, error) {
	if token != "good" {
		return web.Invitation{}, web.ErrNotFound
	}
	return web.Invitation{Digest: "A & B weekly", Language: "zh-CN", Done: f.Left}, nil
}

// Unsubscribe implements [web.Readers].
func (f *Readers) Unsubscribe(_ context.Context, token string) error {
	if token != "good" {
		return web.ErrNotFound
	}
	if f.Full {
		return fmt.Errorf("%w: the disk is full", web.ErrUnavailable)
	}
	f.Left = true
	return nil
}

// Archive is a fake of issues, newest first.
type Archive []web.Issue

// Issue implements [web.Archive].
func (f Archive) Issue(_ context.Context, n int64) (web.Issue, error) {
	for _, is := range f {
		if is.Number == n {
			return is, nil
		}
	}
	return web.Issue{}, web.ErrNotFound
}

// Issues implements [web.Archive].
func (f Archive) Issues(_ context.Context, before int64, limit int) ([]web.Issue, error) {
	var out []web.Issue
	for _, is := range f {
		if (before == 0 || is.Number < before) && len(out) < limit {
			is.Posts = nil
			out = append(out, is)
		}
	}
	return out, nil
}

// KeepsReadersContract checks what every [web.Readers] keeps. The tokens are
// of a subscription that is pending.
func KeepsReadersContract(t *testing.T, r web.Readers, confirm, leave string) {
	t.Helper()
	ctx := t.Context()
	for _, token := range []string{"", "x", confirm + "x"} {
		if _, err := r.Invitation(ctx, token); !errors.Is(err, web.ErrNotFound) {
			t.Errorf("Invitation of %q: %v", token, err)
		}
		if err := r.Confirm(ctx, token); !errors.Is(err, web.ErrNotFound) {
			t.Errorf("Confirm of %q: %v", token, err)
		}
		if err := r.Unsubscribe(ctx, token); !errors.Is(err, web.ErrNotFound) {
			t.Errorf("Unsubscribe of %q: %v", token, err)
		}
	}
	for range 2 {
		if in, err := r.Invitation(ctx, confirm); err != nil || in.Done || in.Expired || in.Digest == "" {
			t.Errorf("before it was confirmed: %+v %v", in, err)
		}
	}
	for range 2 {
		if err := r.Confirm(ctx, confirm); err != nil {
			t.Errorf("Confirm: %v", err)
		}
		if in, err := r.Invitation(ctx, confirm); err != nil || !in.Done {
			t.Errorf("after it was confirmed: %+v %v", in, err)
		}
		if in, err := r.Leaving(ctx, leave); err != nil || in.Done {
			t.Errorf("before leaving: %+v %v", in, err)
		}
	}
	for range 2 {
		if err := r.Unsubscribe(ctx, leave); err != nil {
			t.Errorf("Unsubscribe: %v", err)
		}
		if in, err := r.Leaving(ctx, leave); err != nil || !in.Done {
			t.Errorf("after leaving: %+v %v", in, err)
		}
		// An old confirmation link brings nobody back.
		if err := r.Confirm(ctx, confirm); err != nil {
			t.Errorf("Confirm after leaving: %v", err)
		}
	}
}

// KeepsArchiveContract checks what every [web.Archive] keeps; it holds the
// issues of the numbers, newest first, and at least one.
func KeepsArchiveContract(t *testing.T, a web.Archive, numbers []int64) {
	t.Helper()
	ctx := t.Context()
	for before, want := int64(0), numbers; ; {
		page, err := a.Issues(ctx, before, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			if len(want) > 0 {
				t.Errorf("the list ends before %v", want)
			}
			break
		}
		if len(page) != 1 || len(want) == 0 || page[0].Number != want[0] || page[0].Posts != nil || page[0].Title == "" || page[0].Date.IsZero() {
			t.Fatalf("below %d: %+v, want %v", before, page, want)
		}
		before, want = page[0].Number, want[1:]
	}
	for _, n := range numbers {
		is, err := a.Issue(ctx, n)
		if err != nil || is.Number != n || len(is.Posts) == 0 {
			t.Errorf("issue %d: %+v %v", n, is, err)
		}
	}
	for _, n := range []int64{-1, 0, slices.Max(numbers) + 1} {
		if _, err := a.Issue(ctx, n); !errors.Is(err, web.ErrNotFound) {
			t.Errorf("issue %d: %v", n, err)
		}
	}
}
