package mailer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Maildir is the transport that keeps every letter as a file: one Maildir per
// recipient below Dir, for mail programs to open. A letter that it has already
// is not written again, so nothing is lost and nothing comes twice.
type Maildir struct {
	Dir string
}

// Connect implements [Transport].
func (m Maildir) Connect(context.Context) (Conn, Reply) {
	if err := os.MkdirAll(m.Dir, 0o700); err != nil {
		return nil, Reply{Phase: PhaseDial, Err: fmt.Errorf("maildir: %w", err)}
	}
	return &maildirConn{dir: m.Dir}, Reply{}
}

// Of returns the Maildir of an address.
func (m Maildir) Of(address string) string { return filepath.Join(m.Dir, folder(address)) }

// longest is how long a name may be: systems take 255 bytes, and mail programs
// add flags to it.
const longest = 200

// folder is the name of an address's Maildir.
func folder(address string) string { return shortened(plainName(address), longest) }

// file is the name of a letter.
func file(e Envelope) string {
	const end = ".eml"
	name := strconv.FormatInt(e.Date.Unix(), 10) + "." + plainName(e.MessageID)
	return shortened(name, longest-len(end)) + end
}

// shortened replaces the end of a long name by a hash of all of it. No other
// name has a ~.
func shortened(name string, most int) string {
	if len(name) <= most {
		return name
	}
	hash := sha256.Sum256([]byte(name))
	tail := "~" + hex.EncodeToString(hash[:16])
	return name[:most-len(tail)] + tail
}

// plainName makes a text a safe file name: what is not plain becomes %XX.
func plainName(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("@-_+=", c) >= 0, c == '.' && b.Len() > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// maildirConn writes letters; it has no state but its folder.
type maildirConn struct{ dir string }

func (c *maildirConn) Ready() bool { return true }
func (c *maildirConn) Close()      {}

// Send implements [Conn]. A fault is one of the disk, not of the letter, unless
// the disk cannot have a file of its name.
func (c *maildirConn) Send(ctx context.Context, e Envelope, letter []byte) Reply {
	if err := ctx.Err(); err != nil {
		return Reply{Phase: PhaseData, Err: err}
	}
	if e.To == "" {
		return Reply{Phase: PhaseRcpt, Err: fmt.Errorf("%w: it has no recipient", ErrUnfit)}
	}
	box := filepath.Join(c.dir, folder(e.To))
	name := file(e)
	had, err := deliver(box, name, letter)
	switch {
	case noName(err):
		return Reply{Phase: PhaseData, Err: fmt.Errorf("%w: maildir: %w", ErrUnfit, err)}
	case err != nil:
		return Reply{Phase: PhaseData, Err: fmt.Errorf("maildir: %w", err)}
	case had:
		return Reply{Phase: PhaseDot, Code: 250, Enhanced: "2.0.0", Text: "is there already: " + name}
	}
	return Reply{Phase: PhaseDot, Code: 250, Enhanced: "2.0.0", Text: "written: " + name}
}

// noName tells that the system takes no such file name. A folder that cannot be
// synced is EINVAL, too, and is no fault of the name.
func noName(err error) bool {
	var path *fs.PathError
	return errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.EINVAL) && errors.As(err, &path) && (path.Op == "mkdir" || path.Op == "open")
}

// deliver puts a letter into new/ under its name, and reports whether the
// Maildir had it: there, or in cur/ where mail programs move what was seen. The
// name stands for the letter, so a crash between the rename and the note of it
// makes no second file. What lies in tmp/ is from a crash, and is written over.
func deliver(box, name string, letter []byte) (had bool, err error) {
	target := filepath.Join(box, "new", name)
	if _, err := os.Stat(target); err == nil {
		return true, syncDir(filepath.Join(box, "new"))
	}
	seen, err := filepath.Glob(filepath.Join(escapeGlob(box), "cur", escapeGlob(name)+"*"))
	if err != nil {
		return false, err
	}
	if len(seen) > 0 {
		return true, nil
	}
	if err := makeBox(box); err != nil {
		return false, err
	}
	temp := filepath.Join(box, "tmp", name)
	if err := writeSynced(temp, bytes.ReplaceAll(letter, []byte("\r\n"), []byte("\n"))); err != nil {
		return false, errors.Join(err, remove(temp))
	}
	if err := os.Rename(temp, target); err != nil {
		return false, errors.Join(err, remove(temp))
	}
	return false, syncDir(filepath.Join(box, "new"))
}

// makeBox makes the three folders of a Maildir.
func makeBox(box string) error {
	if _, err := os.Stat(filepath.Join(box, "new")); err == nil {
		return nil
	}
	for _, sub := range []string{"tmp", "cur", "new"} { // new last: it stands for all
		if err := os.MkdirAll(filepath.Join(box, sub), 0o700); err != nil {
			return err
		}
	}
	return errors.Join(syncDir(box), syncDir(filepath.Dir(box)))
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// syncDir makes the names in a folder durable, where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// remove removes a file that may be missing.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// escapeGlob makes a path match itself alone.
func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}
