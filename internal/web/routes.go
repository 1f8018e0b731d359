package web

import (
	"errors"
	"net/http"
)

// routes is the map of addresses.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", s.page(s.home))
	mux.Handle("GET /c/{token}", s.page(s.invitation))
	mux.Handle("POST /c/{token}", s.page(s.confirm))
	mux.Handle("GET /u/{token}", s.page(s.leaving))
	mux.Handle("POST /u/{token}", s.page(s.leave))
	if s.o.Directory != nil {
		mux.Handle("GET /feeds", s.page(s.feeds))
		// Where a host of files had the page, and as people write it.
		mux.Handle("GET /feeds.html", s.page(s.toFeeds))
		mux.Handle("GET /feeds/{$}", s.page(s.toFeeds))
	}
	mux.Handle("GET /issues", s.page(s.issues))
	mux.Handle("GET /i/{number}", s.page(s.issue))
	mux.Handle("GET /healthz", s.page(s.health))
	mux.Handle("GET /"+s.styleAt, s.page(forever("text/css; charset=utf-8", s.style)))
	mux.Handle("GET /"+s.scriptAt, s.page(forever("text/javascript; charset=utf-8", s.script)))
	mux.Handle("GET /robots.txt", s.page(s.robots))
	mux.Handle("/", s.orFeed())
	return s.protect(mux)
}

// orFeed hands everything that is no page to the feeds.
func (s *Server) orFeed() http.Handler {
	if s.o.Feeds != nil {
		return s.o.Feeds
	}
	return s.page(func(http.ResponseWriter, *http.Request) error { return ErrNotFound })
}

// protect refuses posts that another site makes a browser send. The one-click
// POST of RFC 8058 comes from mail servers and webmailers: its token is its right.
func (s *Server) protect(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.AddInsecureBypassPattern("POST /u/{token}")
	guard.SetDenyHandler(s.page(func(w http.ResponseWriter, r *http.Request) error { return errForeign }))
	return guard.Handler(next)
}

// errForeign says that a browser was sent here by another site.
var errForeign = errors.New("request from another site")

// page turns a handler with an error into one without.
func (s *Server) page(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' https: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		head.Set("X-Frame-Options", "DENY")
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// retryAfter is when what cannot be written down now may be asked again, in
// seconds (RFC 9110 section 10.2.3).
const retryAfter = "300"

// fail answers with the page of an error. Its words are ours, never the error's.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, key := http.StatusInternalServerError, "error"
	switch {
	case errors.Is(err, ErrNotFound):
		status, key = http.StatusNotFound, "missing"
	case errors.Is(err, errForeign):
		status, key = http.StatusForbidden, "foreign"
	case r.Context().Err() != nil:
		return
	case errors.Is(err, ErrUnavailable):
		// Whoever posts for a reader gives up at 500, and asks again here.
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", retryAfter)
		s.o.Log.Error("answer a request", "path", pattern(r), "error", err)
	default:
		s.o.Log.Error("answer a request", "path", pattern(r), "error", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	v := s.view(r, "")
	v.Heading, v.Text = v.T("page."+key+".title"), v.T("page."+key+".text")
	if err := s.render(w, status, "message.html", v); err != nil {
		s.o.Log.Error("show an error", "path", pattern(r), "error", err)
	}
}

// pattern names the route for the log: the path itself may hold a token.
func pattern(r *http.Request) string {
	if r.Pattern != "" {
		return r.Pattern
	}
	return r.Method
}
