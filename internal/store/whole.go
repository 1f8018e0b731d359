package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// magic begins every SQLite database.
const magic = "SQLite format 3\x00"

// errForeign refuses what another program keeps.
var errForeign = errors.New("is the database of another program: name another file")

// errEmpty refuses a file that somebody has emptied.
var errEmpty = errors.New("is empty: restore a backup, or remove the file and run tidings init")

// whole refuses a file that is no database or was cut short, at the cost of
// reading its first hundred bytes: the header knows how many pages there are.
// While a write-ahead log holds pages the file may rightly be shorter, and only
// SQLite can tell.
//
// An empty file is one that was made and not written yet; it is refused unless
// create is set, and where a log shows that there was more.
func whole(path string, create bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	// In this order: another process may be writing. Where there is no log after
	// the header was read, all pages that it counts are in the file by then.
	var head [100]byte
	n, err := io.ReadFull(f, head[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	log, err := logSize(path)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	switch {
	case n == 0 && create && log == 0:
		return nil
	case n == 0:
		return errEmpty
	case n < len(head) || string(head[:16]) != magic:
		return errors.New("is not a database: name another file, or restore a backup")
	case log == 0:
		return counted(head, info.Size())
	}
	return nil
}

// logSize returns the size of the write-ahead log, 0 where there is none.
func logSize(path string) (int64, error) {
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// counted compares the header of a database with the size of its file.
func counted(head [100]byte, size int64) error {
	word := func(at int) int64 { return int64(binary.BigEndian.Uint32(head[at:])) }
	page, pages := int64(binary.BigEndian.Uint16(head[16:])), word(28)
	if page == 1 {
		page = 65536
	}
	if id, version := word(68), word(60); id != application && (id != 0 || version != 0 || pages > 1) {
		return errForeign
	}
	// Programs older than 2010 leave the count alone; then these two differ.
	if word(24) == word(92) && size < pages*page {
		return fmt.Errorf("is cut short: %d of %d bytes are there: restore a backup", size, pages*page)
	}
	return nil
}
