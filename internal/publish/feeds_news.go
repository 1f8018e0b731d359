package publish

import (
	"context"
	"slices"
	"time"

	"tidings.example/feed"
)

// News keeps what hubs must be told. internal/store implements it.
type News interface {
	// AnnounceTopics is given all topics there are, with what their bytes are.
	AnnounceTopics(ctx context.Context, topics []feed.Topic, now time.Time) error
}

// announce gives the topics to the news, which compares them with those that it
// had. A crash before this line loses nothing: what the topics are is a matter of
// the documents, so the next process finds them changed as this one did.
func (f *Feeds) announce(ctx context.Context, topics []feed.Topic, now time.Time) error {
	if f.News == nil || f.told && slices.EqualFunc(topics, f.announced, feed.Topic.Equal) {
		return nil
	}
	if err := f.News.AnnounceTopics(ctx, topics, now); err != nil {
		return err
	}
	f.announced, f.told = topics, true
	return nil
}
