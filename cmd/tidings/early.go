package main

import (
	"net/http"
	"slices"
	"strings"

	"tidings.example/feed"
)

// early answers for feeds while a new blog is scanned for the first time: a
// reader who was told 404 or 410 might never come back.
type early struct{ *feed.Server }

// ServeHTTP asks whoever wants a feed to come back; once there are feeds, the
// server answers.
func (e early) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wanted := func(f feed.Format) bool { return strings.HasSuffix(r.URL.Path, "/"+f.FileName()) }
	if e.Ready() || !slices.ContainsFunc(feed.Formats(), wanted) {
		e.Server.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Retry-After", "10")
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "the blog is being read for the first time: the feeds are not there yet", http.StatusServiceUnavailable)
}
