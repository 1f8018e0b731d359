package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"tidings.example/internal/publish"
)

type feedsCmd struct{}

// Help tells what the columns are.
func (feedsCmd) Help() string {
	return "Each feed in each of its formats: what it is of, how many posts it leads to with its archive (of a newsletter: issues in it), the size of its file, and where readers find it. A file that is not there yet has no size: tidings build writes it."
}

// shownFeed is what feeds tells of one feed.
type shownFeed struct {
	Kind      string          `json:"kind"`
	Name      string          `json:"name"`
	Posts     int             `json:"posts"`
	Documents []shownDocument `json:"documents"`
}

type shownDocument struct {
	Format  string `json:"format"`
	Address string `json:"address"`
	File    string `json:"file"`
	// Bytes is null where there is no file yet.
	Bytes *int64 `json:"bytes"`
}

// Run lists the feeds.
func (feedsCmd) Run(ctx context.Context, sh *shell) (err error) {
	p, err := sh.look(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	list, err := p.feedList(ctx)
	if err != nil {
		return err
	}
	out := sh.jsonList()
	var rows [][]string
	for _, one := range list {
		shown, err := p.shownFeed(ctx, one)
		if err != nil {
			return err
		}
		if sh.args.JSON {
			if err := out.add(shown); err != nil {
				return err
			}
			continue
		}
		for _, d := range shown.Documents {
			size := "-"
			if d.Bytes != nil {
				size = strconv.FormatInt(*d.Bytes, 10)
			}
			rows = append(rows, []string{shown.Kind, shown.Name, strconv.Itoa(shown.Posts), d.Format, size, d.Address})
		}
	}
	if sh.args.JSON {
		return out.end()
	}
	return sh.table([]string{"KIND", "FEED", "POSTS", "FORMAT", "BYTES", "ADDRESS"}, rows)
}

// shownFeed looks at one feed: what the ledger has for it, and its files.
func (p *program) shownFeed(ctx context.Context, one publish.Feed) (shownFeed, error) {
	out := shownFeed{Kind: string(one.Kind), Name: p.feedName(one)}
	if one.Kind == publish.OfAll {
		out.Kind = "all"
	}
	var err error
	if one.Kind == publish.OfDigest {
		issues, failed := p.db.Issued(ctx, one.About, issuesInFeed)
		out.Posts, err = len(issues), failed
	} else {
		out.Posts, err = p.db.CountPosts(ctx, one.Select)
	}
	if err != nil {
		return out, err
	}
	for _, f := range shownFormats() {
		d := shownDocument{Format: f.String(), Address: p.feeds.Address(one, f),
			File: filepath.Join(p.config.Feeds.Dir, filepath.FromSlash(one.Folder), f.FileName())}
		info, err := os.Stat(d.File)
		if err == nil {
			size := info.Size()
			d.Bytes = &size
		} else if !errors.Is(err, fs.ErrNotExist) {
			return out, err
		}
		out.Documents = append(out.Documents, d)
	}
	return out, nil
}
