package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Maildir is a folder with one file for each message (cr.yp.to/proto/maildir.html).
type Maildir struct {
	Dir string
	// Delete removes messages that are done with; else they are marked as seen.
	Delete bool
	// Marks and Now are needed by Round.
	Marks Marks
	Now   func() time.Time
}

// Each yields every message, and changes nothing.
func (d Maildir) Each(ctx context.Context, take Take) error {
	return d.walk(ctx, func(sub, name string) error {
		m, err := d.read(sub, name)
		if err == nil {
			_, err = take(ctx, m)
		}
		return ignoreGone(err)
	})
}

// Round yields the messages that were not read before, also those that another
// program has moved to cur.
func (d Maildir) Round(ctx context.Context, take Take) error {
	here := map[string]bool{}
	err := d.walk(ctx, func(sub, name string) error {
		unique, flags, _ := strings.Cut(name, ":2,")
		if strings.ContainsAny(flags, "ST") {
			return nil // seen, or in the trash
		}
		if len(here) < maxRemembered {
			here[unique] = true
		}
		if sub == "cur" {
			if _, known, err := d.Marks.Mark(ctx, d.source(), unique); err != nil || known {
				return err
			}
		}
		m, err := d.read(sub, name)
		if err != nil {
			return ignoreGone(err)
		}
		done, err := take(ctx, m)
		if err != nil {
			return err
		}
		return ignoreGone(d.settle(ctx, sub, name, done))
	})
	if err == nil && len(here) < maxRemembered {
		err = d.Marks.DropMarks(ctx, d.source(), func(mark string) bool { return !here[mark] })
	}
	return err
}

// maxRemembered bounds the names that a round holds in memory.
const maxRemembered = 10_000

func (d Maildir) source() string { return "maildir " + d.Dir }

// settle marks a message that was read. One for a person stays unseen.
func (d Maildir) settle(ctx context.Context, sub, name string, done bool) error {
	from := filepath.Join(d.Dir, sub, name)
	unique, flags, _ := strings.Cut(name, ":2,")
	switch {
	case done && d.Delete:
		return os.Remove(from)
	case done:
		letters := slices.Compact(slices.Sorted(slices.Values([]byte(flags + "S"))))
		return os.Rename(from, filepath.Join(d.Dir, "cur", unique+":2,"+string(letters)))
	}
	if err := d.Marks.SetMark(ctx, d.source(), unique, "", d.Now()); err != nil || sub == "cur" {
		return err
	}
	return os.Rename(from, filepath.Join(d.Dir, "cur", unique+":2,"+flags))
}

func (d Maildir) read(sub, name string) (m Message, err error) {
	f, err := os.Open(filepath.Join(d.Dir, sub, name))
	if err != nil {
		return m, err
	}
	m = Message{Source: "maildir"}
	m.Raw, err = readLimited(f)
	return m, errors.Join(err, f.Close())
}

// walk calls one for each message of new and cur. A message that fails does not
// keep the others from being read; the error is that of the first.
func (d Maildir) walk(ctx context.Context, one func(sub, name string) error) error {
	var first error
	for _, sub := range []string{"new", "cur"} {
		dir, err := os.Open(filepath.Join(d.Dir, sub))
		if err != nil {
			return fmt.Errorf("maildir %s: %w", d.Dir, err)
		}
		for err == nil {
			var list []fs.DirEntry
			list, err = dir.ReadDir(256)
			for _, e := range list {
				if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
					continue
				}
				if bad := one(sub, e.Name()); bad != nil && first == nil {
					first = fmt.Errorf("maildir %s: %s/%s: %w", d.Dir, sub, e.Name(), bad)
				}
				if ctx.Err() != nil {
					return errors.Join(ctx.Err(), dir.Close())
				}
			}
		}
		if !errors.Is(err, io.EOF) {
			return errors.Join(fmt.Errorf("maildir %s: %w", d.Dir, err), dir.Close())
		}
		if err := dir.Close(); err != nil {
			return err
		}
	}
	return first
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
