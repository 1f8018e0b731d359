package publish

import (
	"context"
	"maps"
	"strings"
	"testing"
)

// none is a database in which no feed was ever made.
func none(context.Context, string) (bool, error) { return false, nil }

// given gives words of tags their folders, in their order.
func given(t *testing.T, f *Folders, words ...string) (out []string) {
	t.Helper()
	for _, w := range words {
		folder, err := f.Of(t.Context(), "tags", w)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, folder)
	}
	return out
}

func TestAWordKeepsItsFolderWhenAnAlikeOneComes(t *testing.T) {
	t.Parallel()
	first := NewFolders(nil, none)
	if got := given(t, first, "CI-CD"); got[0] != "tags/ci-cd" {
		t.Errorf("the first word is in %q", got)
	}
	// The later one sorts first.
	second := NewFolders(first.Fresh, none)
	if got := given(t, second, "ci cd", "CI/CD", "ci-CD"); strings.Join(got, " ") != "tags/ci-cd-2 tags/ci-cd-3 tags/ci-cd" {
		t.Errorf("then words are in %q", got)
	}
	// The first one goes, and a word comes that is called like a folder.
	maps.Copy(second.Fresh, first.Fresh)
	third := NewFolders(second.Fresh, none)
	if got := given(t, third, "ci-cd-2", "ci cd", "CI/CD"); strings.Join(got, " ") != "tags/ci-cd-2-2 tags/ci-cd-2 tags/ci-cd-3" {
		t.Errorf("at last words are in %q", got)
	}
	// Every kind has folders of its own.
	if got, err := third.Of(t.Context(), "categories", "ci cd"); err != nil || got != "categories/ci-cd" {
		t.Errorf("the category is in %q, %v", got, err)
	}
}

func TestLongWordsHaveFoldersOfTheirOwn(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ein sehr langes Wort ", 6)
	f := NewFolders(nil, none)
	got := given(t, f, long+"A", long+"B", strings.ToUpper(long)+"a", "...", ".")
	if got[0] == got[1] || got[0] != got[2] || got[3] == got[4] {
		t.Errorf("folders %q", got)
	}
	for _, folder := range got {
		if len(folder) != len("tags/")+32 {
			t.Errorf("the folder %q is no hash", folder)
		}
	}
	// Whoever comes first, each has its own.
	if again := given(t, NewFolders(nil, none), long+"B", long+"A"); again[0] != got[1] || again[1] != got[0] {
		t.Errorf("%q in the one order, %q in the other", got, again)
	}
}

func TestALongWordStaysWhereItsFeedWasMade(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 101)
	older := "tags/" + strings.Repeat("78", 50)
	f := NewFolders(nil, func(_ context.Context, folder string) (bool, error) { return folder == older, nil })
	got := given(t, f, long, long+"y")
	if got[0] != older || len(got[1]) != len("tags/")+32 || f.Fresh[older] != long {
		t.Errorf("folders %q, kept %q", got, f.Fresh)
	}
}
