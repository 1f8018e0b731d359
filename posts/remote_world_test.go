package posts_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.example/internal/store"
	"tidings.example/internal/store/storetest"
	"tidings.example/posts"
)

// remoteWorld is a feed on the web, played by a script, and a ledger.
type remoteWorld struct {
	t      *testing.T
	db     *store.DB
	server *httptest.Server
	o      posts.RemoteOptions
	now    time.Time

	mu     sync.Mutex
	answer http.HandlerFunc
	asked  []*http.Request
}

func newRemoteWorld(t *testing.T) *remoteWorld {
	t.Helper()
	w := &remoteWorld{t: t, now: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked = append(w.asked, r)
		answer := w.answer
		w.mu.Unlock()
		answer(rw, r)
	}))
	t.Cleanup(w.server.Close)
	w.db = storetest.Open(t, filepath.Join(t.TempDir(), "t.db"), store.Open)
	t.Cleanup(func() {
		if err := w.db.Close(); err != nil {
			t.Error(err)
		}
	})
	w.o = posts.RemoteOptions{Name: "planet", Feed: w.server.URL + "/feed", Answers: w.db, Ledger: w.db, Every: 10 * time.Minute, Private: true, Agent: "tidings/test (+https://news.example/)"}
	return w
}

// says sets what the server answers from now on.
func (w *remoteWorld) says(answer http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// shows lets the server answer with a feed of the items.
func (w *remoteWorld) shows(items ...string) { w.says(body(feedOf(items...))) }

func body(text string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, text) }
}

func status(code int, header ...string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			rw.Header().Set(header[i], header[i+1])
		}
		rw.WriteHeader(code)
	}
}

func feedOf(items ...string) string {
	return `<rss version="2.0"><channel><title>Planet</title><link>https://planet.example/</link>` + strings.Join(items, "") + `</channel></rss>`
}

// entry is an item whose parts follow from a word; the fields replace or add.
func entry(word string, days int, fields ...string) string {
	date := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC).AddDate(0, 0, -days)
	parts := map[string]string{"title": "Title " + word, "link": "https://planet.example/" + word + "/", "guid": "guid-" + word,
		"pubDate": date.Format(time.RFC1123Z), "description": "Text of " + word + "."}
	for i := 0; i < len(fields); i += 2 {
		parts[fields[i]] = fields[i+1]
	}
	out := "<item>"
	for _, name := range []string{"title", "link", "guid", "pubDate", "description"} {
		if parts[name] != "" {
			out += "<" + name + ">" + parts[name] + "</" + name + ">"
		}
	}
	return out + "</item>"
}

// try scans an hour later.
func (w *remoteWorld) try(o posts.ScanOptions) (posts.Report, error) {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	return w.tryNow(o)
}

func (w *remoteWorld) tryNow(o posts.ScanOptions) (posts.Report, error) {
	w.t.Helper()
	opt := w.o
	opt.Now = w.now
	r, err := posts.OpenRemote(w.t.Context(), opt)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Close()
	s := posts.Scanner{Name: opt.Name, Source: r, Ledger: w.db, Bodies: w.db, Renderer: "r1"}
	report, err := s.Scan(w.t.Context(), w.now, o)
	if err != nil {
		return report, err
	}
	_, err = (&posts.Releaser{Source: opt.Name, Queue: w.db}).Release(w.t.Context(), w.now)
	return report, err
}

func (w *remoteWorld) scan() posts.Report {
	w.t.Helper()
	r, err := w.try(posts.ScanOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// fails scans, which must fail with the words and change nothing.
func (w *remoteWorld) fails(want string) {
	w.t.Helper()
	before := w.posts()
	_, err := w.try(posts.ScanOptions{})
	if err == nil || !strings.Contains(err.Error(), want) {
		w.t.Errorf("error %v, want %q", err, want)
	}
	if after := w.posts(); !slices.Equal(before, after) {
		w.t.Errorf("the ledger changed:\n%v\n%v", before, after)
	}
}

// posts lists what the ledger knows, in the order of release.
func (w *remoteWorld) posts() []string {
	w.t.Helper()
	var out []string
	for _, r := range w.records() {
		state := ""
		if !r.Withdrawn.IsZero() {
			state = " withdrawn"
		}
		out = append(out, fmt.Sprintf("%03d %s %s%s", r.Seq, r.Title, r.Path, state))
	}
	slices.Sort(out)
	return out
}

func (w *remoteWorld) records() []posts.Record {
	w.t.Helper()
	var out []posts.Record
	for r, err := range w.db.AllPosts(context.WithoutCancel(w.t.Context())) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// record returns the only post with the title.
func (w *remoteWorld) record(title string) posts.Record {
	w.t.Helper()
	var found []posts.Record
	for _, r := range w.records() {
		if r.Title == title {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("%d posts with the title %q: %v", len(found), title, w.posts())
	}
	return found[0]
}

// requests returns the requests since the last call.
func (w *remoteWorld) requests() []*http.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.asked
	w.asked = nil
	return out
}

// counts fails unless the report counts new, edited, amended, renamed, returned
// and withdrawn so.
func counts(t *testing.T, r posts.Report, want ...int) {
	t.Helper()
	have := []int{r.New, r.Edited, r.Amended, r.Renamed, r.Returned, r.Withdrawn}
	want = append(want, make([]int, len(have)-len(want))...)
	if !slices.Equal(have, want) {
		t.Errorf("new, edited, amended, renamed, returned, withdrawn = %v, want %v (held %q, %+v)", have, want, r.Hold, r.Changes)
	}
}
