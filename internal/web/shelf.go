package web

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed pages
var files embed.FS

// shelf holds the templates of the pages, and what they refer to. The addresses
// of style and script have their hashes, so that caches may keep them for ever.
type shelf struct {
	pages             *template.Template
	style, script     []byte
	styleAt, scriptAt string
}

func newShelf() (*shelf, error) {
	s := &shelf{}
	var err error
	if s.style, err = files.ReadFile("pages/style.css"); err != nil {
		return nil, err
	}
	if s.script, err = files.ReadFile("pages/copy.js"); err != nil {
		return nil, err
	}
	s.styleAt, s.scriptAt = "style-"+fingerprint(s.style)+".css", "copy-"+fingerprint(s.script)+".js"
	if s.pages, err = template.New("pages").Funcs(template.FuncMap{"t": words, "day": day, "join": join}).ParseFS(files, "pages/*.html"); err != nil {
		return nil, fmt.Errorf("page templates: %w", err)
	}
	return s, nil
}

// forever serves bytes that never change: their address has their hash.
func forever(contentType string, text []byte) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, err := w.Write(text)
		return err
	}
}
