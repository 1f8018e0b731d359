package feed

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Server answers requests for feeds from memory. The zero value is ready and
// answers 404 until the first Update. It may be used by many goroutines.
type Server struct {
	update   sync.Mutex
	pages    atomic.Pointer[map[string]*served]
	throttle atomic.Pointer[func(*http.Request) time.Duration]
	// archive answers for paths that are not in memory.
	archive atomic.Pointer[ArchiveServer]

	// Now tells the time, by the clock of Update; nil is time.Now. It is set
	// before the first Update.
	Now func() time.Time
}

// SetThrottle has wait asked before each answer from here on; nil ends that. A
// positive duration refuses the request with 429 and asks the reader to come
// back after it.
func (s *Server) SetThrottle(wait func(*http.Request) time.Duration) {
	if wait == nil {
		s.throttle.Store(nil)
		return
	}
	s.throttle.Store(&wait)
}

// Update replaces all pages at once; the keys are paths as in URL.Path, decoded
// and with a leading slash. A path that was served before and is missing now
// answers 410 from here on. Requests under way finish with what they have.
func (s *Server) Update(pages map[string]Page, now time.Time) error {
	s.update.Lock()
	defer s.update.Unlock()
	old := s.load()
	next := make(map[string]*served, len(pages))
	for path, p := range pages {
		if before := old[path]; before != nil && before.same(p) {
			next[path] = before
			continue
		}
		v, err := newServed(p, old[path], now)
		if err != nil {
			return err
		}
		v.now = s.Now
		next[path] = v
	}
	for path, before := range old {
		if _, kept := pages[path]; kept {
			continue
		}
		gone, err := newServed(Page{Gone: true, MaxAge: before.page.MaxAge}, nil, now)
		if err != nil {
			return err
		}
		gone.modified = before.modified // dates must not run back should it return
		next[path] = gone
	}
	s.pages.Store(&next)
	return nil
}

func (s *Server) load() map[string]*served {
	if m := s.pages.Load(); m != nil {
		return *m
	}
	return nil
}

// Has tells whether the server knows the path, if only as one that is gone or
// has moved. An archive page that a feed has is known before its file is looked for.
func (s *Server) Has(path string) bool {
	if s.load()[path] != nil {
		return true
	}
	a := s.archive.Load()
	if a == nil {
		return false
	}
	_, _, _, known := a.known(path)
	return known
}

// Shows tells whether the path answers with the bytes of that tag.
func (s *Server) Shows(path, tag string) bool {
	p := s.load()[path]
	return p != nil && p.status == http.StatusOK && p.tag == tag
}

// ServeHTTP answers GET, HEAD and OPTIONS. The query is ignored, and so are
// ranges: a feed is read whole. A file is read for those only who may have it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.Has(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	if throttle := s.throttle.Load(); throttle != nil {
		if wait := (*throttle)(r); wait > 0 {
			seconds := int64((wait + time.Second - 1) / time.Second)
			w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
			w.Header()["Access-Control-Allow-Origin"] = anyone
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		p := s.load()[r.URL.Path]
		if p == nil {
			p = s.archived(w, r)
		}
		if p != nil {
			p.answer(w, r)
		}
	case http.MethodOptions:
		h := w.Header()
		h["Allow"] = allowed
		h["Access-Control-Allow-Origin"] = anyone
		h["Access-Control-Allow-Methods"] = allowed
		h["Access-Control-Allow-Headers"] = anyone // a script may ask with If-None-Match
		h["Access-Control-Max-Age"] = aDay
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header()["Allow"] = allowed
		http.Error(w, "method not allowed: use GET or HEAD", http.StatusMethodNotAllowed)
	}
}

var (
	allowed = []string{"GET, HEAD, OPTIONS"}
	anyone  = []string{"*"}
	aDay    = []string{"86400"}
)

func (s *served) answer(w http.ResponseWriter, r *http.Request) {
	s = s.current()
	h := w.Header()
	switch {
	case s.status == http.StatusMovedPermanently:
		put(h, s.brief)
		http.Redirect(w, r, s.page.MovedTo, s.status)
		return
	case s.status == http.StatusGone:
		put(h, s.brief)
		http.Error(w, "this feed is no more", s.status)
		return
	case s.unchanged(r.Header):
		put(h, s.brief)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body, head := s.page.Body, s.plain
	if s.gzip != nil && acceptsGzip(r.Header["Accept-Encoding"]) {
		body, head = s.gzip, s.zipped
	}
	put(h, head)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	// A reader that hung up is no error of ours, and there is nobody to tell.
	_, _ = w.Write(body)
}

func put(h http.Header, fields []field) {
	for i := range fields {
		h[fields[i].name] = fields[i].values
	}
}
