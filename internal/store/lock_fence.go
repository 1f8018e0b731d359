package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// enter counts one more holder, judges whether the database may mail, and makes
// the mark that says so before any letter goes. A verdict against it stays in
// the database: however often it is started, somebody has to decide.
func (l *Lock) enter(ctx context.Context, h Holder) error {
	s, err := readMark(l.db.markPath())
	if err != nil {
		return fmt.Errorf("read the mark: %w", err)
	}
	place, err := placeOf(l.db.real)
	if err != nil {
		return err
	}
	holder, err := json.Marshal(h)
	if err != nil {
		return err
	}
	var f facts
	var fence *Fence
	err = l.db.Write(ctx, func(tx *Tx) error {
		if f, err = scanFacts(tx.QueryRow(factsText)); err != nil {
			return err
		}
		fence = judge(f, s, place)
		f.epoch++
		if err := setMeta(tx, "epoch", fmt.Sprint(f.epoch)); err != nil {
			return err
		}
		if fence != nil {
			return errors.Join(setMeta(tx, "holder", string(holder)), setFence(tx, *fence))
		}
		if f.instance == "" {
			f.instance = rand.Text()
			if err := setMeta(tx, "instance", f.instance); err != nil {
				return err
			}
		}
		return setMeta(tx, "holder", string(holder))
	})
	if err != nil {
		return fmt.Errorf("count the lock's epoch: %w", err)
	}
	l.Epoch = f.epoch
	if fence != nil {
		return nil
	}
	return l.markOut(ctx, f, place)
}

// markOut writes the mark of this epoch, durable before it returns.
func (l *Lock) markOut(ctx context.Context, f facts, place string) error {
	log, err := placeOf(l.db.real + "-wal")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w, err := writeMark(l.db.markPath(), tideMark{Instance: f.instance, Epoch: f.epoch, Letters: f.letters, Place: place, Log: log}, time.Now)
	if err != nil {
		return fmt.Errorf("write the mark, without which nothing is mailed: %w", err)
	}
	if !f.made {
		// From here on a database without its mark is a copy.
		err = l.db.Write(ctx, func(tx *Tx) error { return setMeta(tx, "mark", "made") })
	}
	if err != nil {
		return errors.Join(fmt.Errorf("note the mark: %w", err), w.close())
	}
	l.mark.Store(w)
	return nil
}

// Mails tells whether letters may go by this process.
func (l *Lock) Mails() bool { return l.mark.Load() != nil }

// Fence tells why this process may not mail, nil where it may. A fence that
// somebody has lifted since is gone with the first look.
func (l *Lock) Fence(ctx context.Context) (*Fence, error) {
	if l.Mails() {
		return nil, nil
	}
	f, err := scanFacts(l.db.read.QueryRowContext(ctx, factsText))
	if err != nil {
		return nil, fmt.Errorf("read the fence: %w", err)
	}
	if f.fence != nil {
		return l.db.Fence(ctx)
	}
	place, err := placeOf(l.db.real)
	if err != nil {
		return nil, err
	}
	return nil, l.markOut(ctx, f, place)
}

// Intact tells that the path still leads to the database that is open here. A
// backup that was moved over it is another file; one that was copied into it
// takes its change counter back.
func (l *Lock) Intact() error {
	err := l.intact()
	if errors.Is(err, errReplaced) {
		l.db.replaced.Store(true)
	}
	return err
}

func (l *Lock) intact() error {
	info, err := os.Stat(l.db.real)
	if errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(info, l.db.opened) {
		return errReplaced
	} else if err != nil {
		return err
	}
	var head [100]byte
	if _, err := l.data.ReadAt(head[:], 0); errors.Is(err, io.EOF) || err == nil && string(head[:16]) != magic {
		return errReplaced
	} else if err != nil {
		return err
	}
	counter := binary.BigEndian.Uint32(head[24:])
	l.mu.Lock()
	defer l.mu.Unlock()
	if counter < l.counter {
		return errReplaced
	}
	l.counter = counter
	return nil
}
