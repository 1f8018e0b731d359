package publish

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWatchWakesForAFileInANewFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	woken, ended := make(chan struct{}, 16), make(chan error, 1)
	go func() {
		ended <- Watch(ctx, []string{dir}, Own{Names: []string{filepath.Join(dir, "own.db")}, Feeds: dir, Beside: []string{"feeds.html"}}, slog.New(slog.DiscardHandler), func() { woken <- struct{}{} })
	}()
	touch := func(path string) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(time.Now().String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The watch has begun when it first wakes; until then a file is written anew.
	first := time.NewTicker(50 * time.Millisecond)
	defer first.Stop()
	for begun := false; !begun; {
		select {
		case <-first.C:
			touch(filepath.Join(dir, "a.md"))
			first.Reset(time.Second)
		case <-woken:
			begun = true
		case <-ctx.Done():
			t.Fatal("no wake-up")
		}
	}
	// What tidings writes is no news; what comes after it is.
	touch(filepath.Join(dir, "own.db-wal"))
	touch(filepath.Join(dir, "rss.xml"))
	touch(filepath.Join(dir, "2026", "b.md"))
	<-woken
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestABeforeCommandThatFailsSaysWhatItPrinted(t *testing.T) {
	t.Parallel()
	c := Command{Args: []string{"sh", "-c", "echo fatal: no remote >&2; exit 3"}, Dir: t.TempDir(), Timeout: time.Minute}
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "exit status 3: fatal: no remote") {
		t.Errorf("got %v", err)
	}
	c.Args = []string{"pwd"}
	if err := c.Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestABeforeCommandThatFailsTellsNoPassword(t *testing.T) {
	t.Parallel()
	for _, script := range []string{
		"echo fatal: unable to access 'https://me:hunter2@git.example.org/blog.git/' >&2; exit 1 # hunter2",
		"printf 'https://me:hunter2@git.example.org/%01100d fatal: unable to access\\n' 7; exit 1",
		"printf 'https://me:hunter2@git.example.org/%01000d fatal: unable to access\\n' 7; exit 1",
	} {
		err := Command{Args: []string{"sh", "-c", script, "hunter2"}, Dir: t.TempDir(), Timeout: time.Minute}.Run(t.Context())
		if err == nil || strings.Contains(err.Error(), "hunter") || strings.Contains(err.Error(), "me:") || !strings.Contains(err.Error(), "unable to access") {
			t.Errorf("got %v", err)
		}
	}
}

func TestABeforeCommandThatHangsIsEnded(t *testing.T) {
	t.Parallel()
	c := Command{Args: []string{"sh", "-c", "exec sleep 600"}, Dir: t.TempDir(), Timeout: 50 * time.Millisecond}
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "not done within") {
		t.Errorf("got %v", err)
	}
}

func TestOwnFilesAreThoseNamedAndWhatLiesBelowOrBeside(t *testing.T) {
	t.Parallel()
	own := Own{Names: []string{"/b/tidings.db", "/b/mail"}, Feeds: "/b/posts", Beside: []string{"feeds.html"}}
	for path, want := range map[string]bool{
		"/b/tidings.db": true, "/b/tidings.db-wal": true, "/b/tidings.db.lock": true, "/b/mail": true, "/b/mail/new/1": true,
		"/b/mailings": false, "/b/posts/rss.xml": true, "/b/posts/tags/go/feed.json": true, "/b/posts/feeds.html": true, "/b/posts/archive/0": true,
		"/b/posts/tags/go/archive/12": true, "/b/posts/archive/12/atom.xml": true, "/b/posts": false, "/b/posts/a.md": false, "/b/posts/tags/a.md": false,
		"/b/posts/archive": false, "/b/posts/archive/old": false, "/b/posts/2026/12": false, "/b/posts/2026/feeds.html": false, "/b/rss.xml": false, "/b/tidings.dbx": false, "/b/post.md": false,
	} {
		if own.has(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
