package posts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"sync"
	"syscall"
	"unicode"
	"unicode/utf8"
)

// MaxPost limits the size of a post's file in bytes: a larger one is a problem.
const MaxPost = 10 << 20

// buffers are lent to the reading of files.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// opener opens files below the root, one folder after the other: it keeps the
// folder of the last file open. Its zero value with d is ready.
type opener struct {
	d      *Directory
	dir    string
	folder *os.Root
}

// open opens a file without waiting: a pipe that took its place would hang the
// scan else.
func (o *opener) open(name string) (*os.File, error) {
	const how = os.O_RDONLY | syscall.O_NONBLOCK
	dir, file := path.Split(name)
	if dir == "" {
		return o.d.root.OpenFile(name, how, 0)
	}
	if o.folder == nil || o.dir != dir {
		o.close()
		folder, err := o.d.root.OpenRoot(dir)
		if err != nil {
			return nil, err
		}
		o.dir, o.folder = dir, folder
	}
	f, err := o.folder.OpenFile(file, how, 0)
	if err != nil {
		// A link may leave its folder, but not the root.
		return o.d.root.OpenFile(name, how, 0)
	}
	return f, nil
}

func (o *opener) close() {
	if o.folder != nil {
		o.folder.Close()
		o.folder = nil
	}
}

// readFile reads a post's file into buf, which may grow. The error tells the
// owner why it cannot be read; it is fs.ErrNotExist where the file is gone.
func (o *opener) readFile(name string, buf []byte) (data []byte, stamp Stamp, err error) {
	f, err := o.open(name)
	if err != nil {
		return buf[:0], Stamp{}, fmt.Errorf("cannot be read: %w", bareError(err))
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return buf[:0], Stamp{}, fmt.Errorf("cannot be read: %w", bareError(err))
	case !info.Mode().IsRegular():
		return buf[:0], Stamp{}, fmt.Errorf("is %s, not a file: move it out of the posts", modeName(info.Mode()))
	case info.Size() > MaxPost:
		return buf[:0], stampOf(info), fmt.Errorf("has %.1f MB, a post can have %d MB at most: split it or keep the data in a file beside it",
			float64(info.Size())/(1<<20), MaxPost>>20)
	}
	data, err = readAll(f, buf, int(info.Size()))
	if err != nil {
		return data, stampOf(info), fmt.Errorf("cannot be read: %w", bareError(err))
	}
	if len(data) > MaxPost {
		return data[:0], stampOf(info), fmt.Errorf("grew beyond %d MB while it was read", MaxPost>>20)
	}
	return data, stampOf(info), nil
}

// readAll reads up to MaxPost+1 bytes; size is a hint.
func readAll(r io.Reader, buf []byte, size int) ([]byte, error) {
	if cap(buf) < size+1 {
		buf = make([]byte, 0, size+4096)
	}
	buf = buf[:0]
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF || len(buf) > MaxPost {
			return buf, nil
		} else if err != nil {
			return buf, err
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
	}
}

// hashBytes names the bytes of a file: half of their SHA-256.
func hashBytes(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// maybeSpace marks the bytes that white space begins with: only they are
// looked at closer.
var maybeSpace = [256]bool{'\t': true, '\n': true, '\v': true, '\f': true, '\r': true, ' ': true, 0xc2: true, 0xe1: true, 0xe2: true, 0xe3: true}

// fingerprint names a body in which runs of white space count as one blank and
// those at its ends as none. scratch is lent.
func fingerprint(body, scratch []byte) (string, []byte) {
	if cap(scratch) < len(body) {
		scratch = make([]byte, 0, len(body)+4096)
	}
	folded := scratch[:0]
	for i := 0; i < len(body); {
		if size := spaceSize(body[i:]); size > 0 {
			i += size
			continue
		}
		start := i
		for i < len(body) && (!maybeSpace[body[i]] || spaceSize(body[i:]) == 0) {
			i++
		}
		if len(folded) > 0 {
			folded = append(folded, ' ')
		}
		folded = append(folded, body[start:i]...)
	}
	return hashBytes(folded), folded
}

// spaceSize returns the length of the white space character that b begins with,
// or 0.
func spaceSize(b []byte) int {
	c := b[0]
	switch {
	case c == ' ' || (c >= '\t' && c <= '\r'):
		return 1
	case c < utf8.RuneSelf || !maybeSpace[c]:
		return 0
	}
	if r, size := utf8.DecodeRune(b); unicode.IsSpace(r) {
		return size
	}
	return 0
}
