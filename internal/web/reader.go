package web

import (
	"net/http"
	"strings"
)

// invitation shows what the link of a confirmation letter would confirm.
func (s *Server) invitation(w http.ResponseWriter, r *http.Request) error {
	in, err := s.o.Readers.Invitation(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	switch {
	case in.Done:
		return s.say(w, r, in, "confirmed")
	case in.Expired:
		return s.say(w, r, in, "stale")
	}
	return s.ask(w, r, in, "confirm")
}

// confirm is the press of the button.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	in, err := s.o.Readers.Invitation(r.Context(), token)
	if err != nil {
		return err
	}
	if in.Expired && !in.Done {
		return s.say(w, r, in, "stale")
	}
	if err := s.o.Readers.Confirm(r.Context(), token); err != nil {
		return err
	}
	return s.say(w, r, in, "confirmed")
}

// leaving shows what the unsubscribe link would end.
func (s *Server) leaving(w http.ResponseWriter, r *http.Request) error {
	in, err := s.o.Readers.Leaving(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if in.Done {
		return s.say(w, r, in, "left")
	}
	return s.ask(w, r, in, "leave")
}

// leave ends a subscription: the button of the page, or the POST that a mail
// program makes for its reader (RFC 8058 section 3.2: no cookie, no redirect).
func (s *Server) leave(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	in, err := s.o.Readers.Leaving(r.Context(), token)
	if err != nil {
		return err
	}
	if err := s.o.Readers.Unsubscribe(r.Context(), token); err != nil {
		return err
	}
	return s.say(w, r, in, "left")
}

// ask shows a page with a button that posts to the same address.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, in Invitation, key string) error {
	v := s.personal(w, r, in, key)
	v.Button, v.Action = v.T("page."+key+".button"), s.root+strings.TrimPrefix(r.URL.EscapedPath(), "/")
	return s.render(w, http.StatusOK, "message.html", v)
}

// say shows a page without a button.
func (s *Server) say(w http.ResponseWriter, r *http.Request, in Invitation, key string) error {
	return s.render(w, http.StatusOK, "message.html", s.personal(w, r, in, key))
}

// personal starts a page that is one reader's business and nobody else's.
func (s *Server) personal(w http.ResponseWriter, r *http.Request, in Invitation, key string) *view {
	w.Header().Set("Cache-Control", "no-store")
	v := s.view(r, in.Language)
	v.NoIndex = true
	v.Heading, v.Text = v.T("page."+key+".title"), v.T("page."+key+".text", in.Digest)
	return v
}
