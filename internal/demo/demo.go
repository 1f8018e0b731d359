// Package demo is the sample blog that ships in the binary: a small Hexo site
// of ten posts, Chinese and English, and three people who read it.
//
// [Blog] is the site, [Copy] puts it into a folder where it can be edited, and
// [Now] is an instant at which all of its posts are out.
package demo

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

//go:embed all:blog
var files embed.FS

// Blog returns the sample site: _config.yml and source/_posts/*.md.
func Blog() fs.FS {
	site, err := fs.Sub(files, "blog")
	if err != nil {
		// Only an invalid name fails, and this one is valid.
		return files
	}
	return site
}

// Copy writes the site into dir, which it makes where it is missing. A file
// that is there already is left as it is, so that a visitor's edits survive
// the next demo.
func Copy(dir string) error {
	site := Blog()
	return fs.WalkDir(site, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("sample blog: %w", err)
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := fs.ReadFile(site, path)
		if err != nil {
			return fmt.Errorf("sample blog: %w", err)
		}
		return writeNew(target, text)
	})
}

// writeNew writes a file that is not there yet.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// Now returns an instant shortly after the newest post: Monday, 23 November
// 2026, eight in the morning in Shanghai.
func Now() time.Time { return time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC) }

// Reader is a sample subscriber. Nobody lives at its address: the domains are
// reserved by RFC 2606.
type Reader struct {
	Email    string
	Language string // BCP 47
	Cadence  string // immediate, daily, weekly or monthly
	TimeZone string // IANA name
	// Topics are tags of the blog's posts; none means all.
	Topics []string
}

// Readers returns the three sample subscribers.
func Readers() []Reader {
	return []Reader{
		{Email: "mei@example.com", Language: "zh-CN", Cadence: "weekly", TimeZone: "Asia/Shanghai"},
		{Email: "tom@example.net", Language: "en", Cadence: "weekly", TimeZone: "Europe/London", Topics: []string{"Git", "Go", "performance", "algorithms"}},
		{Email: "lan@example.org", Language: "zh-CN", Cadence: "immediate", TimeZone: "Asia/Shanghai", Topics: []string{"LLM"}},
	}
}
