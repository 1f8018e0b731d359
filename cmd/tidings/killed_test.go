package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestAPublicationThatIsKilledShowsNoHalfDocument kills processes that publish,
// at random moments. Whoever reads the files meanwhile finds whole documents, and
// the run after the last kill comes to what an undisturbed blog shows, byte for
// byte. TIDINGS_KILLS asks for more than a few.
func TestAPublicationThatIsKilledShowsNoHalfDocument(t *testing.T) {
	if dir := os.Getenv("TIDINGS_TEST_KILLED"); dir != "" {
		now, err := time.Parse(time.RFC3339, os.Getenv("TIDINGS_TEST_NOW"))
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, dir: dir, now: now, still: true}
		w.ok("build")
		return
	}
	t.Parallel()
	kills, killed := 12, 0
	if n, err := strconv.Atoi(os.Getenv("TIDINGS_KILLS")); err == nil {
		kills = n
	}
	w, calm := archiveBlog(t, 90, 20, ""), archiveBlog(t, 90, 20, "")
	for _, blog := range []*world{w, calm} {
		blog.still = true // both are made at the same instant
		blog.ok("build")
	}
	dice := rand.New(rand.NewPCG(9, uint64(kills)))
	stop, read := make(chan struct{}), make(chan int)
	go func() { read <- w.readAll(stop) }()
	whole := w.publishes(0)
	for round := range (kills + 2) / 3 {
		w.pass(time.Hour)
		calm.pass(time.Hour)
		for _, blog := range []*world{w, calm} {
			blog.tagged(round*7%90, fmt.Sprintf(" edited in round %d", round))
			blog.tagged(100+round, "")
			if round%3 == 2 {
				if err := os.Remove(filepath.Join(blog.dir, fmt.Sprintf("blog/source/_posts/p%03d.md", 100+round-2))); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 3 {
			if w.publishes(1+time.Duration(dice.Int64N(int64(whole)))) == 0 {
				killed++
			}
		}
		w.publishes(0)
		calm.publishes(0)
		got, want := w.finished(), calm.finished()
		if !maps.Equal(got, want) {
			t.Fatalf("round %d: of %d documents these are not those of an undisturbed blog: %q", round, len(want), differing(want, got))
		}
	}
	close(stop)
	t.Logf("%d of %d publications were killed, %d documents were read meanwhile", killed, kills, <-read)
	if killed < kills/3 {
		t.Errorf("only %d of %d publications were killed under way", killed, kills)
	}
}

// publishes runs a process that publishes the blog, and kills it after a time
// unless that is 0. It returns how long the process took, 0 where it was killed.
func (w *world) publishes(after time.Duration) time.Duration {
	w.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAPublicationThatIsKilledShowsNoHalfDocument$")
	cmd.Env = append(os.Environ(), "TIDINGS_TEST_KILLED="+w.dir, "TIDINGS_TEST_NOW="+w.now.Format(time.RFC3339))
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	if after > 0 {
		defer time.AfterFunc(after, func() { _ = cmd.Process.Kill() }).Stop()
	}
	err := cmd.Wait()
	if state := cmd.ProcessState; err != nil && (after == 0 || state.Exited()) {
		w.t.Fatalf("publish: %v\n%s", err, out.String())
	}
	if err != nil {
		return 0
	}
	return time.Since(begun)
}

// readAll reads the documents of the blog again and again until stop, and
// returns how many it has read.
func (w *world) readAll(stop <-chan struct{}) (read int) {
	for {
		err := filepath.WalkDir(filepath.Join(w.dir, "feeds"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
				return ignoreGone(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return ignoreGone(err)
			}
			read++
			if err := wholeDocument(path, data); err != nil {
				w.t.Errorf("%s was read while it was replaced: %v\n%s", path, err, data)
			}
			return nil
		})
		if err != nil {
			w.t.Error(err)
		}
		select {
		case <-stop:
			return read
		default:
		}
	}
}

// finished are the documents, without what a killed process left beside them.
func (w *world) finished() map[string]string {
	files := w.files()
	maps.DeleteFunc(files, func(path, _ string) bool { return strings.HasPrefix(filepath.Base(path), ".") })
	return files
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func wholeDocument(path string, data []byte) error {
	switch filepath.Ext(path) {
	case ".json":
		if !json.Valid(data) {
			return errors.New("no JSON")
		}
		return nil
	case ".html":
		if !strings.HasSuffix(strings.TrimSpace(string(data)), "</html>") {
			return errors.New("cut off")
		}
		return nil
	}
	if len(data) == 0 {
		return errors.New("empty")
	}
	for d := xml.NewDecoder(strings.NewReader(string(data))); ; {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
