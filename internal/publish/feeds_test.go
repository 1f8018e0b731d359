package publish_test

import (
	"testing"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

func TestANewServerIsGivenFeedsThatDidNotChange(t *testing.T) {
	t.Parallel()
	_, work := publication(t, 30, true)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := work.Round(t.Context(), now, posts.ScanOptions{}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a daemon that starts, and one whose configuration was read anew
		work.Feeds.Server = &feed.Server{}
		files, err := work.Feeds.Keep(t.Context(), now)
		if err != nil || len(files) > 0 || !work.Feeds.Server.Has("/rss.xml") {
			t.Errorf("the new server has feeds: %t; written %q, %v", work.Feeds.Server.Has("/rss.xml"), files, err)
		}
	}
}
