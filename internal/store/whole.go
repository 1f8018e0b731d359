package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// magic begins every SQLite database.
const magic = "SQLite format 3\x00"

// errForeign refuses what another program keeps.
var errForeign = errors.New("is the database of another program: name another file")

// whole refuses a file that is no database or was cut short, at the cost of
// reading its first hundred bytes: the header knows how many pages there are.
// While a write-ahead log holds pages the file may rightly be shorter, and only
// SQLite can tell.
//
// An empty file is one that was made and not written yet; it is refused unless
// create is set, and where a log shows that there was more.
func whole(path string, size int64, create bool) error {
	log := int64(0)
	if info, err := os.Stat(path + "-wal"); err == nil {
		log = info.Size()
	}
	if size == 0 {
		if create && log == 0 {
			return nil
		}
		return errors.New("is empty: restore a backup, or remove the file and run tidings init")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var head [100]byte
	if _, err := io.ReadFull(f, head[:]); err != nil || string(head[:16]) != magic {
		return errors.New("is not a database: name another file, or restore a backup")
	}
	page := int64(binary.BigEndian.Uint16(head[16:]))
	if page == 1 {
		page = 65536
	}
	pages := int64(binary.BigEndian.Uint32(head[28:]))
	id, version := binary.BigEndian.Uint32(head[68:]), binary.BigEndian.Uint32(head[60:])
	if log == 0 && id != application && (id != 0 || version != 0 || pages > 1) {
		return errForeign
	}
	// Programs older than 2010 leave the count alone; then these two differ.
	counted := binary.BigEndian.Uint32(head[24:]) == binary.BigEndian.Uint32(head[92:])
	if log == 0 && counted && size < pages*page {
		return fmt.Errorf("is cut short: %d of %d bytes are there: restore a backup", size, pages*page)
	}
	return nil
}
