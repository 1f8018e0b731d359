package web

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// archivePage is how many issues a page of the archive lists.
const archivePage = 50

// home lists the feeds and points at the archive.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r, "")
	v.Heading = s.o.Publication.Title
	return s.render(w, http.StatusOK, "home.html", v)
}

// issues lists the archive, newest first.
func (s *Server) issues(w http.ResponseWriter, r *http.Request) error {
	before, err := strconv.ParseInt(r.FormValue("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	v := s.view(r, "")
	if v.Issues, err = s.o.Archive.Issues(r.Context(), before, archivePage); err != nil {
		return err
	}
	if len(v.Issues) == archivePage {
		v.Older = v.Issues[len(v.Issues)-1].Number
	}
	v.Heading = v.T("page.issues.title")
	v.Title = v.Heading + " · " + s.o.Publication.Title
	return s.render(w, http.StatusOK, "issues.html", v)
}

// issue shows one issue.
func (s *Server) issue(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != r.PathValue("number") {
		return ErrNotFound
	}
	is, err := s.o.Archive.Issue(r.Context(), n)
	if err != nil {
		return err
	}
	v := s.view(r, is.Language)
	v.Issue = is
	v.Heading = v.T("page.issue.title", is.Title, is.Number)
	v.Title = v.Heading + " · " + s.o.Publication.Title
	return s.render(w, http.StatusOK, "issue.html", v)
}

// health answers 200 when all is well, and 503 with a line for each trouble.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	h := s.o.Health(r.Context())
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !h.OK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// robots keeps crawlers away from readers' links.
func (s *Server) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("User-agent: *\nDisallow: /c/\nDisallow: /u/\n"))
	return err
}
