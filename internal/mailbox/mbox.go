package mailbox

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"time"
)

// Mbox is a file of messages, each behind a line that begins with "From "
// (RFC 4155). It is only read: how far, is remembered.
type Mbox struct {
	Path  string
	Marks Marks
	Now   func() time.Time
}

// Round yields what was added since the last one. A file that is not the one
// that was read is read from its beginning.
func (b Mbox) Round(ctx context.Context, take Take) error {
	f, err := os.Open(b.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // servers remove an mbox that is empty
	}
	if err == nil {
		err = errors.Join(b.round(ctx, f, take), f.Close())
	}
	if err != nil {
		return fmt.Errorf("mbox %s: %w", b.Path, err)
	}
	return nil
}

func (b Mbox) round(ctx context.Context, f *os.File, take Take) error {
	size, err := settledSize(f)
	if err != nil {
		return err
	}
	source := "mbox " + b.Path
	known, _, err := b.Marks.Mark(ctx, source, "read")
	if err != nil {
		return err
	}
	from, err := resume(f, known, size)
	if err != nil || from == size {
		return err
	}
	s := &splitter{r: bufio.NewReader(io.NewSectionReader(f, from, size-from)), at: from}
	for upto := from; ; {
		raw, err := s.next()
		if err == nil {
			_, err = take(ctx, Message{Source: "mbox", Raw: raw})
		}
		if err == nil {
			upto = s.at
			continue
		}
		// What failed, and all behind it, is read again.
		if upto > from {
			mark, failed := place(f, upto)
			if failed == nil {
				failed = b.Marks.SetMark(ctx, source, "read", mark, b.Now())
			}
			if failed != nil {
				return failed
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
}

// place names a position by what stands before it.
func place(f *os.File, at int64) (string, error) {
	tail := make([]byte, min(at, 4096))
	if _, err := f.ReadAt(tail, at-int64(len(tail))); err != nil {
		return "", err
	}
	sum := sha256.Sum256(tail)
	return fmt.Sprintf("%d %s", at, hex.EncodeToString(sum[:16])), nil
}

// resume finds the position that was named, or the beginning.
func resume(f *os.File, mark string, size int64) (int64, error) {
	var at int64
	var hash string
	if n, err := fmt.Sscanf(mark, "%d %s", &at, &hash); err != nil || n != 2 || at < 0 || at > size {
		return 0, nil
	}
	same, err := place(f, at)
	if err != nil || same != mark {
		return 0, err
	}
	return at, nil
}

// Stream yields the messages of a pipe or a file: one, or several behind lines
// that begin with "From ".
func Stream(ctx context.Context, source string, r *bufio.Reader, take Take) error {
	s := &splitter{r: r}
	for {
		raw, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read mail: %w", err)
		}
		if _, err := take(ctx, Message{Source: source, Raw: raw}); err != nil {
			return err
		}
	}
}

// splitter cuts an mbox into messages.
type splitter struct {
	r *bufio.Reader
	// at is where the last message ended.
	at      int64
	line    []byte // that began the next message
	started bool
	many    bool // the first line was a From line
}

// separator is a From line: a sender, and a date that ends in a year. A text may
// hold lines that only begin with From.
var separator = regexp.MustCompile(`^From \S.*\d\d:\d\d.*\b(?:19|20)\d\d\b[^\n]{0,40}\n?$`)

// next returns the next message, or its first MaxRaw bytes, and io.EOF at the
// end.
func (s *splitter) next() ([]byte, error) {
	raw := append([]byte(nil), s.line...)
	end := s.at + int64(len(s.line))
	blank, whole := false, true // the line before was empty; we are at the start of a line
	s.line = nil
	for {
		line, err := s.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if !s.started && len(bytes.TrimRight(line, "\r\n")) > 0 {
			s.started, s.many = true, bytes.HasPrefix(line, []byte("From "))
		} else if s.many && whole && blank && separator.Match(line) {
			s.line, s.at = append([]byte(nil), line...), end
			return raw, nil
		}
		end += int64(len(line))
		if room := MaxRaw - len(raw); room > 0 && s.started {
			raw = append(raw, line[:min(len(line), room)]...)
		}
		if errors.Is(err, io.EOF) {
			s.at = end
			if len(bytes.TrimSpace(raw)) == 0 {
				return nil, io.EOF
			}
			return raw, nil
		}
		blank = whole && len(bytes.TrimRight(line, "\r\n")) == 0
		whole = err == nil
	}
}
