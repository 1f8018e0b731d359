package feedtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"tidings.example/feed"
)

// Told is one message that a hub got.
type Told struct {
	Topic string
	// Tag is that of the bytes which the hub then found at the topic, "" where
	// it found none.
	Tag string
	// Status is what the hub answered.
	Status int
}

// Hub is a WebSub hub that does what real ones do: told of a topic, it asks for
// it at once, so it sees whether the new bytes are there.
type Hub struct {
	*httptest.Server
	// Answer, where set, writes the answer in the place of 204.
	Answer func(w http.ResponseWriter, r *http.Request, n int)
	// Fetch gets a topic's body; nil asks by HTTP.
	Fetch func(topic string) ([]byte, error)

	t    *testing.T
	mu   sync.Mutex
	told []Told
	bell chan struct{}
}

// NewHub starts a hub for a test.
func NewHub(t *testing.T) *Hub {
	h := &Hub{t: t, bell: make(chan struct{}, 1)}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

// ServeHTTP takes a message.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	topic := r.PostFormValue("hub.url")
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" ||
		r.PostFormValue("hub.mode") != "publish" || topic == "" || topic != r.PostFormValue("hub.topic") || len(r.PostForm["hub.url"]) != 1 {
		h.t.Errorf("a message that no hub knows: %s %v", r.Method, r.PostForm)
	}
	one := Told{Topic: topic}
	if body, err := h.fetch(topic); err == nil {
		one.Tag = feed.Tag(body)
	}
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	h.mu.Lock()
	n := len(h.told)
	answer := h.Answer
	h.mu.Unlock()
	if answer == nil {
		status.WriteHeader(http.StatusNoContent)
	} else {
		answer(status, r, n)
	}
	one.Status = status.status
	h.mu.Lock()
	h.told = append(h.told, one)
	h.mu.Unlock()
	select {
	case h.bell <- struct{}{}:
	default:
	}
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (h *Hub) fetch(topic string) ([]byte, error) {
	if h.Fetch != nil {
		return h.Fetch(topic)
	}
	res, err := http.Get(topic)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", topic, res.Status)
	}
	return io.ReadAll(res.Body)
}

// Behave sets the answer.
func (h *Hub) Behave(answer func(w http.ResponseWriter, r *http.Request, n int)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.Answer = answer
}

// Told returns what the hub was told so far.
func (h *Hub) Told() []Told {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Told{}, h.told...)
}

// Await waits until the hub was told as often as that, and returns all of it.
func (h *Hub) Await(n int) []Told {
	h.t.Helper()
	for {
		if told := h.Told(); len(told) >= n {
			return told
		}
		select {
		case <-h.bell:
		case <-h.t.Context().Done():
			h.t.Fatalf("the hub was told %d times, not %d: %+v", len(h.Told()), n, h.Told())
		}
	}
}
