package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Holder says which process schedules and sends.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
	// Fault is why the process cannot write to the database; nil where it can.
	Fault *Fault `json:"fault,omitempty"`
}

// LockedError says that another process schedules and sends from this database.
type LockedError struct {
	Path   string
	Holder Holder
}

// Error names the holder.
func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("%s is in use by another process, maybe by another name of the file", e.Path)
	}
	return fmt.Sprintf("%s is in use by tidings %s, process %d on %s since %s",
		e.Path, e.Holder.Command, e.Holder.PID, e.Holder.Host, e.Holder.Since.Format(time.RFC3339))
}

// Lock is the right to schedule and send, held by one process at a time. The
// kernel frees it when the process ends, however it ends.
type Lock struct {
	db   *DB
	file *os.File // beside the database, by its name
	data *os.File // the database, by whatever name
	// Epoch counts the holders of this database, from 1.
	Epoch int64
	mark  atomic.Pointer[markFile] // nil while a fence stands
	mu    sync.Mutex
	// counter is the change counter of the database file when it was seen last.
	counter uint32
}

// Lock takes the process lock for the command. The error is a *LockedError
// where another process has it. Whether letters may be mailed is another
// question: see [Lock.Fence].
func (db *DB) Lock(ctx context.Context, command string, now time.Time) (*Lock, error) {
	h := newHolder(command, now)
	f, err := db.lockName(ctx)
	if err != nil {
		return nil, err
	}
	l := &Lock{db: db, file: f}
	if l.data, err = lockFile(db.real); errors.Is(err, errHeld) {
		// By another name of the file: its lock file is not ours.
		return nil, errors.Join(&LockedError{Path: db.path, Holder: db.LastHolder(ctx)}, f.Close())
	} else if err != nil {
		return nil, errors.Join(db.unlockable(err), f.Close())
	}
	if err := l.take(ctx, h); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", db.path, err), l.drop())
	}
	db.lock.Store(l)
	return l, nil
}

// take signs, counts the epoch, and makes the mark.
func (l *Lock) take(ctx context.Context, h Holder) error {
	if err := l.Intact(); err != nil {
		return err
	}
	if err := l.sign(h); err != nil {
		return err
	}
	return l.enter(ctx, h)
}

// lockName locks the file beside the database that stands for its name.
func (db *DB) lockName(ctx context.Context) (*os.File, error) {
	path := db.lockPath()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	err = flock(f)
	// A status command that looks at this instant holds the lock, too: ask again.
	for tries := 0; errors.Is(err, errHeld) && tries < 5; tries++ {
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
		err = flock(f)
	}
	if errors.Is(err, errHeld) {
		defer f.Close()
		return nil, &LockedError{Path: db.path, Holder: readSigned(f).Holder}
	} else if err != nil {
		return nil, errors.Join(db.unlockable(err), f.Close())
	}
	return f, nil
}

func (db *DB) lockPath() string { return db.real + ".lock" }

// unlockable explains a lock that cannot be had at all.
func (db *DB) unlockable(err error) error {
	if noLocks(err) {
		return fmt.Errorf("lock %s: the file system knows no locks (%w): two daemons could mail everybody twice: put the database on a disk of this machine", db.path, err)
	}
	return fmt.Errorf("lock %s: %w", db.path, err)
}

func newHolder(command string, now time.Time) Holder {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	return Holder{PID: os.Getpid(), Host: host, Command: command, Since: now}
}

// signed is what a lock file says.
type signed struct {
	Holder
	// Log is the place of the log that the holder writes, "" where it is unknown.
	Log string `json:"log,omitempty"`
}

// sign writes down who holds the lock, and from now on what keeps it from
// writing.
func (l *Lock) sign(h Holder) error {
	log, err := placeOf(l.db.real + "-wal")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	put := func(h Holder) error {
		text, err := signature(signed{h, log})
		if err == nil {
			_, err = l.file.WriteAt(text, 0)
		}
		return err
	}
	if err := put(h); err != nil {
		return err
	}
	l.db.writer.faults.told(func(f *Fault) {
		h := h
		h.Fault = f
		_ = put(h) // the log has it, and the disk may be read-only
	})
	return nil
}

// Close gives the lock back.
func (l *Lock) Close() error {
	l.db.lock.CompareAndSwap(l, nil)
	return errors.Join(l.mark.Load().close(), l.drop())
}

// drop frees what is locked.
func (l *Lock) drop() error {
	l.db.writer.faults.told(nil)
	return errors.Join(l.file.Truncate(0), l.data.Close(), l.file.Close())
}

// Holder tells who holds the process lock; false where nobody does.
func (db *DB) Holder() (Holder, bool) {
	h, on := db.signed()
	return h.Holder, on
}

func (db *DB) signed() (signed, bool) {
	f, err := os.Open(db.lockPath())
	if err != nil {
		return signed{}, false
	}
	defer f.Close()
	if err := flock(f); errors.Is(err, errHeld) {
		return readSigned(f), true
	}
	return signed{}, false
}

func readSigned(f *os.File) signed {
	var h signed
	if text, err := io.ReadAll(io.NewSectionReader(f, 0, 4096)); err == nil {
		// Unreadable means just taken: the holder is about to sign.
		_ = json.Unmarshal(text, &h)
	}
	return h
}

// heldByAnotherName tells that a process mails from this file under a name that
// is not ours. Its write-ahead log lies beside that name: read without it the
// database is old, and written to it is broken.
func (db *DB) heldByAnotherName() bool {
	if !fileHeld(db.real) {
		return false
	}
	_, named := db.Holder()
	return !named && fileHeld(db.real) // it may have ended in between
}

// LastHolder is who had the process lock last, as the database itself names it;
// zero where nobody had.
func (db *DB) LastHolder(ctx context.Context) (h Holder) {
	if text, err := db.Recall(ctx, "holder"); err == nil && text != "" {
		// Nobody can be named where it is unreadable.
		_ = json.Unmarshal([]byte(text), &h)
	}
	return h
}
