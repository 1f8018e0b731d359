package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// Holder says which process schedules and sends.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// LockedError says that another process schedules and sends from this database.
type LockedError struct {
	Path   string
	Holder Holder
}

// Error names the holder.
func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return fmt.Sprintf("%s is locked by another process", e.Path)
	}
	return fmt.Sprintf("%s is in use by tidings %s, process %d on %s since %s",
		e.Path, e.Holder.Command, e.Holder.PID, e.Holder.Host, e.Holder.Since.Format(time.RFC3339))
}

// Lock is the right to schedule and send, held by one process at a time. The
// kernel frees it when the process ends, however it ends.
type Lock struct {
	file *os.File
	// Epoch counts the holders of this database, from 1.
	Epoch int64
}

// Lock takes the process lock for the command. The error is a *LockedError
// where another process has it.
func (db *DB) Lock(ctx context.Context, command string, now time.Time) (*Lock, error) {
	path := db.path + ".lock"
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
		return nil, &LockedError{Path: db.path, Holder: readHolder(f)}
	} else if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	l := &Lock{file: f}
	if err := l.sign(command, now); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	if l.Epoch, err = db.nextEpoch(ctx); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

// sign writes down who holds the lock.
func (l *Lock) sign(command string, now time.Time) error {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	text, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Command: command, Since: now})
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(text, 0)
	return err
}

// Close gives the lock back.
func (l *Lock) Close() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

// Holder tells who holds the process lock; false where nobody does.
func (db *DB) Holder() (Holder, bool) {
	f, err := os.Open(db.path + ".lock")
	if err != nil {
		return Holder{}, false
	}
	defer f.Close()
	if err := flock(f); errors.Is(err, errHeld) {
		return readHolder(f), true
	}
	return Holder{}, false
}

func readHolder(f *os.File) Holder {
	var h Holder
	if text, err := io.ReadAll(io.NewSectionReader(f, 0, 4096)); err == nil {
		// Unreadable means just taken: the holder is about to sign.
		_ = json.Unmarshal(text, &h)
	}
	return h
}

// nextEpoch counts one more holder.
func (db *DB) nextEpoch(ctx context.Context) (int64, error) {
	var epoch int64
	err := db.Write(ctx, func(tx *Tx) error {
		var text string
		err := tx.QueryRow(`/* store.nextEpoch */ insert into meta (key, value) values ('epoch', '1')
			on conflict (key) do update set value = cast(cast(value as integer) + 1 as text) returning value`).Scan(&text)
		if err != nil {
			return err
		}
		epoch, err = strconv.ParseInt(text, 10, 64)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count the lock's epoch: %w", err)
	}
	return epoch, nil
}
