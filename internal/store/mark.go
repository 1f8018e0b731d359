package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// tideMark is what the file beside the database says: which database mails from
// here, and how far it has come. A copy of the database does not bring it along,
// or brings one that is of another file or another time.
type tideMark struct {
	Instance string `json:"instance"`
	Epoch    int64  `json:"epoch"`
	Letters  int64  `json:"letters"` // handed out to be mailed
	Place    string `json:"place"`   // of the database
	Log      string `json:"log"`     // and of its write-ahead log
	// At is the file system's time of this write, Skew how far its clock is from
	// ours: a file that was written later by somebody else tells on itself.
	At   time.Time     `json:"at"`
	Skew time.Duration `json:"skew"`
}

// markSize is the length of the file, always: one sector, which a power cut
// leaves old or new.
const markSize = 512

func (m tideMark) bytes() ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if len(text) >= markSize {
		return nil, fmt.Errorf("the mark does not fit: the place %q is too long", m.Place)
	}
	out := make([]byte, markSize)
	for i := copy(out, text); i < markSize; i++ {
		out[i] = ' '
	}
	out[markSize-1] = '\n'
	return out, nil
}

// seen is a mark as it was found.
type seen struct {
	tideMark
	found    bool
	readable bool
	touched  bool // by somebody else after it was written
}

// markSlack is how far the time of a write may be from the time that it names.
const markSlack = 10 * time.Second

// readMark looks at the file.
func readMark(path string) (s seen, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer f.Close()
	s.found = true
	text, err := io.ReadAll(io.LimitReader(f, 2*markSize))
	if err != nil {
		return s, err
	}
	s.readable = json.Unmarshal(text, &s.tideMark) == nil && s.Instance != ""
	at, err := changedAt(f)
	s.touched = at.Sub(s.At.Add(s.Skew)).Abs() > markSlack
	return s, err
}

// markFile is the open mark of a process that mails.
type markFile struct {
	mu     sync.Mutex
	f      *os.File
	m      tideMark
	now    func() time.Time
	synced time.Time
	behind int64 // letters that could not be noted
}

// writeMark puts a mark beside the database, durable before it returns. now is
// the machine's clock, which file times follow, whatever time the ledger has.
func writeMark(path string, m tideMark, now func() time.Time) (*markFile, error) {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	w := &markFile{f: f, m: m, now: now}
	err = w.put()
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = w.put() // a slow disk must not make it look old
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err == nil {
		err = w.settle()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w.synced = now()
	return w, nil
}

// put writes the mark in place.
func (w *markFile) put() error {
	w.m.At = w.now().UTC().Truncate(time.Millisecond)
	text, err := w.m.bytes()
	if err != nil {
		return err
	}
	_, err = w.f.WriteAt(text, 0)
	return err
}

// settle learns how far the file system's clock is from ours: on another
// machine's disk it may be hours.
func (w *markFile) settle() error {
	at, err := changedAt(w.f)
	if err != nil {
		return err
	}
	if off := at.Sub(w.m.At.Add(w.m.Skew)); off.Abs() > time.Second {
		w.m.Skew = (w.m.Skew + off).Round(time.Second)
	}
	if err := w.put(); err != nil {
		return err
	}
	return w.f.Sync()
}

// syncEvery bounds how much a power cut may take back of the mark. The process
// itself may be killed at any time: the kernel has it.
const syncEvery = 5 * time.Second

// raise notes that so many letters were handed out in all. It comes after the
// commit that says so: what the mark names, the database has.
func (w *markFile) raise(letters int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.behind = max(w.behind, letters)
	// Whoever wants the next letters hears of an error.
	_ = w.catchUp()
}

// late notes what could not be noted before.
func (w *markFile) late() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.catchUp()
}

func (w *markFile) catchUp() error {
	if w.behind <= w.m.Letters {
		return nil
	}
	before := w.m.Letters
	w.m.Letters = w.behind
	err := w.put()
	if now := w.now(); err == nil && now.Sub(w.synced).Abs() >= syncEvery {
		err, w.synced = w.f.Sync(), now
	}
	if err != nil {
		w.m.Letters = before
		return fmt.Errorf("the mark beside the database: %w", err)
	}
	return nil
}

func (w *markFile) close() error {
	if w == nil {
		return nil
	}
	return errors.Join(w.f.Sync(), w.f.Close())
}

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
