package store

import (
	"maps"
	"testing"
	"time"

	"tidings.example/posts"
)

func TestAFolderAndAWordStayTogether(t *testing.T) {
	t.Parallel()
	db := newWorld(t, library()).db
	for _, folders := range []map[string]string{
		{"tags/a-b": "a b", "categories/a-b": "a b"},
		{"tags/a-b": "a-b"},   // another word wants the folder
		{"tags/a-b-2": "a b"}, // the word is given another folder
		{"tags/a-b-2": "a-b"},
	} {
		if err := db.KeepFolders(t.Context(), folders); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Folders(t.Context())
	if want := map[string]string{"tags/a-b": "a b", "categories/a-b": "a b", "tags/a-b-2": "a-b"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("folders %v, %v, want %v", got, err, want)
	}
}

func TestAFeedIsKnownByItsFolder(t *testing.T) {
	t.Parallel()
	db := newWorld(t, library()).db
	if err := db.SaveFeedStates(t.Context(), []posts.FeedState{{Feed: "tags/go", Changed: time.UnixMilli(1)}}); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]bool{"tags/go": true, "tags/git": false} {
		if got, err := db.HasFeed(t.Context(), folder); err != nil || got != want {
			t.Errorf("%s: %t, %v", folder, got, err)
		}
	}
}
