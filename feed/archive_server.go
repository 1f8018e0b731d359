package feed

import (
	"container/list"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cacheBytes bounds what an [ArchiveServer] keeps in memory.
const cacheBytes = 8 << 20

// ArchiveFeed says which archive pages a feed has.
type ArchiveFeed struct {
	// Pages are numbered from 0; there are none where it is 0.
	Pages int
	// Gone says that the feed is no more: its pages answer 410.
	Gone bool
	// MovedTo, where set, is the address of the feed's folder now, with a slash at
	// the end: its pages answer 301, however many there were.
	MovedTo string
}

// ArchiveServer answers with archive pages from their files, with the same
// rules as a [Server] has for the pages in its memory: see [Server.SetArchive].
// It may be used by many goroutines.
type ArchiveServer struct {
	// Dir is where the files of all feeds lie; URL, which ends in a slash, is
	// where they are found.
	Dir, URL string
	// MaxAge is how long a cache may keep a page.
	MaxAge time.Duration
	// Now tells the time: a page is never dated later.
	Now func() time.Time

	mu    sync.Mutex // of what follows
	feeds map[string]ArchiveFeed
	cache map[string]*list.Element // by path
	order list.List                // of *archived, the last used first
	bytes int

	// loading lets one page be read and compressed at a time: a reader that
	// walks the archive must not keep all cores busy.
	loading sync.Mutex
}

// archived is a page as it was when its file was read.
type archived struct {
	path string
	page *served
	size int64
	time time.Time
}

func (a *archived) bytes() int { return len(a.page.page.Body) + len(a.page.gzip) }

// ArchivePath is where page n of the feed in the folder lies, below the root of
// all feeds.
func ArchivePath(folder string, n int, f Format) string {
	return archiveFolder(folder) + strconv.Itoa(n) + "/" + f.FileName()
}

// archiveFolder is where the pages of a feed lie, with a slash at the end.
func archiveFolder(folder string) string {
	if folder == "" {
		return "archive/"
	}
	return folder + "/archive/"
}

// SetFeeds says which feeds have an archive, by their folder: "" for the feed of
// everything. The map is the server's from here on.
func (s *ArchiveServer) SetFeeds(feeds map[string]ArchiveFeed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feeds = feeds
}

// SetArchive has archive pages answered, from here on by this one.
func (s *Server) SetArchive(a *ArchiveServer) { s.archive.Store(a) }

// archived returns the archive page that is asked for; where there is none, it
// answers itself.
func (s *Server) archived(w http.ResponseWriter, r *http.Request) *served {
	var p *served
	var err error
	if a := s.archive.Load(); a != nil {
		p, err = a.find(r.URL.Path)
	}
	switch {
	case err != nil:
		// The reader may come back: the file is there, and cannot be read now.
		http.Error(w, "this page cannot be read right now", http.StatusServiceUnavailable)
	case p == nil:
		http.NotFound(w, r)
	}
	return p
}

// find returns the page at the path of a request, nil where there is none.
func (s *ArchiveServer) find(path string) (*served, error) {
	feed, below, format, ok := s.known(path)
	switch {
	case !ok:
		return nil, nil
	case feed.MovedTo != "":
		return newServed(Page{MovedTo: feed.MovedTo + below, MaxAge: s.MaxAge}, nil, s.Now())
	case feed.Gone:
		return newServed(Page{Gone: true, MaxAge: s.MaxAge}, nil, s.Now())
	}
	file := filepath.Join(s.Dir, filepath.FromSlash(strings.TrimPrefix(path, "/")))
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if a := s.cached(path, info); a != nil {
		return a.page, nil
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	if a := s.cached(path, info); a != nil {
		return a.page, nil // somebody else was waiting for the same page
	}
	return s.load(path, file, format)
}

// known takes the path of a request apart; below is its end, from the folder of
// the feed. Nothing but the files of archive pages is ever looked for on the disk.
func (s *ArchiveServer) known(path string) (feed ArchiveFeed, below string, format Format, ok bool) {
	dir, name, _ := cutLast(strings.TrimPrefix(path, "/"))
	above, number, _ := cutLast(dir)
	folder, last, found := cutLast(above)
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || strconv.Itoa(n) != number || last != "archive" || found && folder == "" {
		return feed, "", 0, false
	}
	s.mu.Lock()
	feed = s.feeds[folder]
	s.mu.Unlock()
	for _, f := range Formats() {
		if f.FileName() == name && (n < feed.Pages || feed.MovedTo != "") {
			return feed, ArchivePath("", n, f), f, true
		}
	}
	return feed, "", 0, false
}

// cutLast cuts at the last slash; without one, all of it is the end.
func cutLast(path string) (before, after string, found bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

// cached returns a page that was read before, if its file is as it was.
func (s *ArchiveServer) cached(path string, info fs.FileInfo) *archived {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.cache[path]
	if e == nil {
		return nil
	}
	a := e.Value.(*archived)
	if a.size != info.Size() || !a.time.Equal(info.ModTime()) {
		return nil
	}
	s.order.MoveToFront(e)
	return a
}

// load reads a page and keeps it.
func (s *ArchiveServer) load(path, file string, format Format) (*served, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat() // of the bytes that are read: the file may have been replaced
	if err != nil {
		return nil, err
	}
	body := make([]byte, info.Size())
	if _, err := f.ReadAt(body, 0); err != nil {
		return nil, err
	}
	var before *served
	s.mu.Lock()
	if e := s.cache[path]; e != nil {
		before = e.Value.(*archived).page
	}
	s.mu.Unlock()
	page, err := newServed(Page{
		Body: body, Type: format.ContentType(), Changed: info.ModTime(), MaxAge: s.MaxAge,
		Self: address(s.URL + (&url.URL{Path: strings.TrimPrefix(path, "/")}).EscapedPath()),
	}, before, s.Now())
	if err != nil {
		return nil, err
	}
	page.now = s.Now
	s.keep(&archived{path: path, page: page, size: info.Size(), time: info.ModTime()})
	return page, nil
}

// keep puts a page into the cache, and drops those that nobody asked for.
func (s *ArchiveServer) keep(a *archived) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache == nil {
		s.cache = map[string]*list.Element{}
	}
	if e := s.cache[a.path]; e != nil {
		s.drop(e)
	}
	s.cache[a.path] = s.order.PushFront(a)
	for s.bytes += a.bytes(); s.bytes > cacheBytes && s.order.Len() > 1; {
		s.drop(s.order.Back())
	}
}

func (s *ArchiveServer) drop(e *list.Element) {
	a := s.order.Remove(e).(*archived)
	delete(s.cache, a.path)
	s.bytes -= a.bytes()
}
