package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"
)

// Fault is that a process cannot write to the database: a full disk, a quota, a
// limit on the size of files.
type Fault struct {
	What  string    `json:"what"`
	Since time.Time `json:"since"`
}

// faults keeps the fault of this process: the last write that failed, until one
// goes well. Who holds the lock says it in the lock file, too: the database
// cannot tell others that it is not written.
type faults struct {
	mu   sync.Mutex
	now  *Fault
	tell func(*Fault)
}

// note is called with why a commit failed, and with nil after one that wrote.
func (f *faults) note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err == nil && f.now == nil:
		return
	case err == nil:
		f.now = nil
	case f.now == nil:
		f.now = &Fault{What: err.Error(), Since: time.Now().Truncate(time.Second)}
	case f.now.What == err.Error():
		return
	default:
		f.now = &Fault{What: err.Error(), Since: f.now.Since}
	}
	if f.tell != nil {
		f.tell(f.now)
	}
}

func (f *faults) none() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now == nil
}

// changes counts the rows that the connection has changed, while there is a
// fault: without one nobody needs to know.
func (w *writer) changes() (n int64) {
	if w.faults.none() {
		return 0
	}
	tx := &Tx{ctx: context.Background(), conn: w.conn, stmts: w.stmts}
	if tx.QueryRow("select total_changes()").Scan(&n) != nil {
		return math.MaxInt64
	}
	return n
}

// written notes a commit. One that changed nothing wrote nothing, and says
// nothing of the disk.
func (w *writer) written(before int64) {
	if w.changes() > before {
		w.faults.note(nil)
	}
}

// told has tell hear of the fault, the present one at once.
func (f *faults) told(tell func(*Fault)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tell = tell; tell != nil && f.now != nil {
		tell(f.now)
	}
}

// Fault returns why this process cannot write, nil where its last write went well.
func (db *DB) Fault() *Fault {
	db.writer.faults.mu.Lock()
	defer db.writer.faults.mu.Unlock()
	return db.writer.faults.now
}

// Probe writes to the database, to see that it can be written: a number of its
// own goes up.
func (db *DB) Probe(ctx context.Context) error {
	if err := db.settle(ctx); err != nil {
		return fmt.Errorf("the database cannot be written: %w", err)
	}
	return nil
}

// signatureSize is the length of the lock file, always: it is written over in place,
// which a full disk allows.
const signatureSize = 1024

// signature is what the lock file says of its holder. A long fault is cut, from
// the front: its end names the cause.
func signature(h signed) ([]byte, error) {
	for {
		text, err := json.Marshal(h)
		if err != nil {
			return nil, err
		}
		if n := len(text) - signatureSize; n > 0 && h.Fault != nil && h.Fault.What != "" {
			cut := *h.Fault
			cut.What = cut.What[min(n, len(cut.What)):]
			h.Fault = &cut
			continue
		}
		for len(text) < signatureSize {
			text = append(text, ' ')
		}
		return text, nil
	}
}
