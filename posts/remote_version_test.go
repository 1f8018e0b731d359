package posts_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tidings.example/posts"
)

// versioned answers with the feed, or 304 to whoever has the version, and notes
// the versions that it was asked by.
func versioned(version, text string, asked *[]string) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Header.Get("If-None-Match"))
		rw.Header().Set("ETag", version)
		if r.Header.Get("If-None-Match") == version {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(rw, text)
	}
}

// A version is the answering server's own word: where a redirect leads to
// another host, that one is asked by it, and the first one is not. Two servers
// may well call different feeds "1".
func TestTheVersionIsToldToTheAddressThatItCameFrom(t *testing.T) {
	t.Parallel()
	var first, second []string
	other := httptest.NewServer(versioned(`"1"`, feedOf(entry("a", 1)), &second))
	t.Cleanup(other.Close)
	w := newRemoteWorld(t)
	w.o.Own = []string{other.URL}
	away := func(rw http.ResponseWriter, r *http.Request) {
		first = append(first, r.Header.Get("If-None-Match"))
		http.Redirect(rw, r, other.URL+"/x", http.StatusFound)
	}
	w.says(away)
	w.scan()
	if r := w.scan(); r.Changed() || r.Posts != 1 { // opened anew, as after a restart
		t.Errorf("%+v", r)
	}
	// The first server shows a feed of its own again, and calls it the same.
	w.says(versioned(`"1"`, feedOf(entry("b", 0), entry("a", 1)), &first))
	counts(t, w.scan(), 1)
	w.says(away)
	w.scan()
	want := [][]string{{"", "", "", `"1"`}, {"", `"1"`, ""}}
	if got := fmt.Sprintf("%q", [][]string{first, second}); got != fmt.Sprintf("%q", want) {
		t.Errorf("asked by the versions %s, want %q", got, want)
	}
}

func TestAnAnswerThatIsCutOffKeepsTheVersionBefore(t *testing.T) {
	t.Parallel()
	w := newRemoteWorld(t)
	var asked []string
	good := feedOf(entry("a", 1), entry("b", 2))
	w.says(versioned(`"1"`, good, &asked))
	w.scan()
	for name, cut := range map[string]http.HandlerFunc{
		"in a chunk": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("ETag", `"2"`)
			fmt.Fprint(rw, good[:len(good)-30])
			rw.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"after a whole document": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("ETag", `"2"`)
			fmt.Fprint(rw, feedOf(entry("c", 0)))
			rw.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"where the connection is the only end": func(rw http.ResponseWriter, _ *http.Request) {
			c, buffer, err := rw.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			fmt.Fprintf(buffer, "HTTP/1.0 200 OK\r\nETag: \"2\"\r\n\r\n%s", good[:len(good)-30])
			buffer.Flush()
		},
	} {
		w.now = w.now.Add(25 * time.Hour)
		w.says(cut)
		if _, err := w.try(posts.ScanOptions{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	w.now, asked = w.now.Add(25*time.Hour), nil
	w.says(versioned(`"1"`, good, &asked))
	if r := w.scan(); r.Changed() || r.Posts != 2 || len(asked) != 1 || asked[0] != `"1"` {
		t.Errorf("%+v, asked by %q", r, asked)
	}
}
