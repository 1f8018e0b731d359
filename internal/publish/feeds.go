package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"tidings.example/feed"
	"tidings.example/posts"
)

// Feed is one selection of posts that is kept as a feed in every format.
type Feed struct {
	// Folder lies below the root of all feeds: "" for the feed of everything,
	// "tags/go" for one of a tag.
	Folder string
	Kind   Kind
	// About follows the publication's title, "" for the feed of everything.
	About string
	// Title, Description, Language and Home stand for the publication's, where
	// they are not "".
	Title, Description, Language, Home string

	Select posts.Selection
	// Entries gives the entries of a feed that is not of posts; Select is not
	// asked then. An entry's id follows the feed's.
	Entries func(ctx context.Context) ([]feed.Entry, error)
	// Items is how many posts the feed holds, 0 for as many as the others.
	Items int
}

// Kind says what a feed is of.
type Kind string

// The kinds of feeds, in the order in which they are listed.
const (
	OfAll      Kind = ""
	OfOwner    Kind = "own" // the owner's own choice of posts
	OfTag      Kind = "tag"
	OfCategory Kind = "category"
	OfLanguage Kind = "language"
	OfAuthor   Kind = "author"
	OfDigest   Kind = "digest" // the issues of a newsletter
)

// Kinds lists the kinds in their order.
func Kinds() []Kind { return []Kind{OfAll, OfOwner, OfTag, OfCategory, OfLanguage, OfAuthor, OfDigest} }

// Feeds keeps the files of all feeds, and the pages of the server, as the
// ledger has them.
type Feeds struct {
	Shelf Shelf
	// Base is what all feeds have in common: everything but ID, Self, Entries
	// and Changed.
	Base feed.Document
	// Dir is where the files lie; URL, which ends in a slash, where they are found.
	Dir, URL string
	// Items is how many posts a feed holds.
	Items int
	// Archive keeps all other posts in archive pages.
	Archive bool
	// Verify looks for each file of the archive: somebody may have removed some.
	Verify bool
	// List names the feeds. It is asked at each round: tags come and go.
	List func(ctx context.Context) ([]Feed, error)
	// Moved are paths of the server, decoded, and the addresses to which their
	// readers are led; what ends in a slash takes along all that is below it.
	Moved map[string]string
	// Signposts are the files that lead to the feeds of a list, a pure function
	// of it; nil is none.
	Signposts func(list []Feed) ([]Signpost, error)
	// Server answers with the same bytes; nil where nothing is served.
	Server *feed.Server
	// News is told once the new bytes are in their place; nil where nobody must be.
	News News
	// Now tells the server the time; it may be nil where there is no server.
	Now func() time.Time
	Log *slog.Logger
	// Archived is how many files of archive pages the last Keep wrote.
	Archived int
	// Kept are files of others that lie where signposts would: they stay.
	Kept []string

	made   map[string]made
	posted signposts
	// served is the server that has the pages of made; past answers for its
	// archive pages.
	served *feed.Server
	past   *feed.ArchiveServer
	// announced are the topics that News knows, once told is set.
	announced []feed.Topic
	told      bool
}

// made is what the last round made of a feed.
type made struct {
	// pages are there only where they are served.
	pages map[string]feed.Page
	// topics are what hubs may tell of.
	topics []feed.Topic
	// archive is how many archive pages there are, and looked whether their files
	// were looked for.
	archive int
	looked  bool
}

// Keep brings files and pages up to date and returns the files that changed,
// but for those of archive pages: see Archived.
func (f *Feeds) Keep(ctx context.Context, now time.Time) ([]string, error) {
	return f.keep(ctx, now, f.Archive)
}

// Show is Keep for a start that must not take long: archive pages stay as they
// are, and the next Keep sees to them.
func (f *Feeds) Show(ctx context.Context, now time.Time) error {
	_, err := f.keep(ctx, now, false)
	return err
}

func (f *Feeds) keep(ctx context.Context, now time.Time, archive bool) (files []string, err error) {
	list, err := f.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list feeds: %w", err)
	}
	k, err := f.begin(ctx, now, archive)
	if err != nil {
		return nil, err
	}
	defer func() {
		f.Archived = k.archived
		err = errors.Join(err, f.Shelf.SaveFeedStates(context.WithoutCancel(ctx), k.saved))
	}()
	next, topics := map[string]made{}, []feed.Topic{}
	fresh := len(list) != len(f.made) || f.served != f.Server
	for _, one := range list {
		m, changed, err := k.feed(ctx, one)
		if err != nil {
			return k.files, fmt.Errorf("feed %s: %w", one.name(), err)
		}
		_, kept := f.made[one.Folder]
		next[one.Folder], fresh = m, fresh || changed || !kept
		topics = append(topics, m.topics...)
	}
	f.made = next
	// A signpost that cannot be written keeps no feed from being served.
	newer, written, pointless := f.point(list, now)
	k.files = append(k.files, written...)
	if archive || !f.Archive { // a start does without
		pointless = errors.Join(pointless, k.clear())
	}
	if f.Server != nil && (fresh || newer) {
		if err := f.serve(k.states, now); err != nil {
			return k.files, errors.Join(pointless, err)
		}
	}
	return k.files, errors.Join(pointless, f.announce(ctx, topics, now))
}

// serve gives the server everything that there is.
func (f *Feeds) serve(states map[string]posts.FeedState, now time.Time) error {
	pages, archives := map[string]feed.Page{}, map[string]feed.ArchiveFeed{}
	for folder, s := range states { // gone, unless they are found below
		if s.Pages > 0 {
			archives[folder] = feed.ArchiveFeed{Pages: s.Pages, Gone: true}
		}
		for _, format := range feed.Formats() {
			pages["/"+Feed{Folder: folder}.path(format)] = feed.Page{Gone: true, MaxAge: f.Base.TTL}
		}
	}
	for folder, m := range f.made {
		maps.Copy(pages, m.pages)
		if m.archive > 0 {
			archives[folder] = feed.ArchiveFeed{Pages: m.archive}
		}
	}
	maps.Copy(pages, f.posted.pages)
	if f.past == nil {
		f.past = &feed.ArchiveServer{Dir: f.Dir, URL: f.URL, MaxAge: f.Base.TTL, Now: f.Now}
	}
	f.move(pages, archives)
	f.past.SetFeeds(archives)
	if f.Now != nil {
		now = f.Now() // the round began a while ago, and its files are newer
	}
	if err := f.Server.Update(pages, now); err != nil {
		return err
	}
	f.Server.SetArchive(f.past)
	f.served = f.Server
	return nil
}
