package posts

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestURLIsLiveWhenItAnswers2xx(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	status := func(path string, head, get int) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			code := get
			if r.Method == http.MethodHead {
				code = head
			}
			w.WriteHeader(code)
		})
	}
	status("/ok", 200, 200)
	status("/no-head", 405, 200)
	status("/head-lies", 404, 204)
	status("/gone", 410, 410)
	status("/missing", 404, 404)
	status("/broken", 500, 503)
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/nowhere", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/missing", http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Method == http.MethodGet && r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	live := HTTPLive(server.Client(), 5*time.Second)
	for path, want := range map[string]string{"/ok": "", "/no-head": "", "/head-lies": "", "/moved": "", "/endless": "",
		"/gone": "answers 410 Gone", "/missing": "answers 404 Not Found", "/broken": "answers 503", "/nowhere": "answers 404", "/loop": "redirects"} {
		err := live(t.Context(), server.URL+path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	for _, bad := range []string{"", "ftp://127.0.0.1/", "/relative", "file:///etc/passwd"} {
		if err := live(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "no http URL") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	server.Close()
	if err := live(t.Context(), server.URL+"/ok"); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("closed server: %v", err)
	}
}

func TestSilentServerIsNotLiveAfterTheTimeout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	if err := HTTPLive(server.Client(), 20*time.Millisecond)(t.Context(), server.URL); err == nil {
		t.Error("a server that says nothing is live")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := HTTPLive(server.Client(), time.Hour)(ctx, server.URL); err == nil {
		t.Error("a look that was broken off found the page")
	}
}
