package hostile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:embed samples/*.md
var samples embed.FS

// Samples returns the bodies of our own, in their order.
func Samples() [][]byte {
	all, _ := bodies(samples)
	return all
}

// maxSample is the size in bytes from which a post is no sample: a thousand of
// them should be read in minutes.
const maxSample = 24 << 10

// Read returns the bodies of the Markdown files below dir, in the order of their
// paths; those of our own where there are none.
func Read(dir string) ([][]byte, error) {
	all, err := bodies(os.DirFS(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("samples in %s: %w", dir, err)
	}
	if len(all) == 0 {
		return Samples(), nil
	}
	return all, nil
}

func bodies(from fs.FS) (all [][]byte, err error) {
	err = fs.WalkDir(from, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !strings.HasSuffix(path, ".md") && !strings.HasSuffix(path, ".markdown") {
			return err
		}
		text, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		if body := withoutHeader(text); len(body) > 0 && len(body) <= maxSample {
			all = append(all, body)
		}
		return nil
	})
	return all, err
}

// withoutHeader cuts the front matter off, roughly: what is left of a strange
// one only makes a stranger body.
func withoutHeader(text []byte) []byte {
	for _, fence := range []string{"---\n", "+++\n"} {
		rest := bytes.TrimPrefix(text, []byte(fence))
		if head, body, found := bytes.Cut(rest, []byte("\n"+fence)); found && (len(rest) < len(text) || len(head) < 1000) {
			return body
		}
	}
	return text
}

// Write makes the site of the first n posts of a seed in dir.
func Write(dir string, seed uint64, n int, samples [][]byte) error {
	folder := filepath.Join(dir, "source", "_posts")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	config := "title: Hostile\nurl: https://hostile.example.org\nlanguage: en\ntimezone: UTC\npermalink: :title/\n"
	if err := os.WriteFile(filepath.Join(dir, "_config.yml"), []byte(config), 0o644); err != nil {
		return err
	}
	var list strings.Builder
	for i := range n {
		p := Make(seed, i, samples)
		if err := os.WriteFile(filepath.Join(folder, p.Name), p.Bytes, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&list, "%s\t%s\n", p.Name, strings.Join(p.Faults, ", "))
	}
	return os.WriteFile(filepath.Join(dir, "faults.txt"), []byte(list.String()), 0o644)
}
