package publish

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tidings.example/feed"
)

// Own is what tidings itself writes: what happens there is no news.
type Own struct {
	// Names are files and folders. A name stands for itself, for what lies below
	// it, and for the files that SQLite keeps beside a database.
	Names []string
	// Feeds is the folder of the feeds, in which posts may lie, too: what is ours
	// there are feeds, their archive pages, and Beside, the names of the files that
	// lie beside the feed of everything.
	Feeds  string
	Beside []string
}

func (o Own) has(path string) bool {
	for _, name := range o.Names {
		if rest, is := strings.CutPrefix(path, name); is && (rest == "" || rest[0] == filepath.Separator || rest[0] == '-' || rest == ".lock") {
			return true
		}
	}
	rest, below := strings.CutPrefix(path, o.Feeds+string(filepath.Separator))
	return o.Feeds != "" && below && (o.isFeed(rest) || slices.Contains(o.Beside, rest))
}

// isFeed tells whether a path below the folder of the feeds is a feed or the
// folder of an archive page.
func (o Own) isFeed(rest string) bool {
	parts := strings.Split(rest, string(filepath.Separator))
	last := len(parts) - 1
	if last > 0 && parts[last-1] == "archive" {
		if _, err := strconv.Atoi(parts[last]); err == nil {
			return true
		}
	}
	return slices.ContainsFunc(feed.Formats(), func(f feed.Format) bool { return f.FileName() == parts[last] })
}
