package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// FenceKind is why a database mails nothing until somebody says so.
type FenceKind string

// The kinds of fences.
const (
	FenceBackup  FenceKind = "backup"  // it is a backup that tidings made
	FenceOlder   FenceKind = "older"   // letters went out that it does not know of
	FenceCopied  FenceKind = "copied"  // its mark is of another file
	FenceLost    FenceKind = "lost"    // its mark is not there, or cannot be read
	FenceForeign FenceKind = "foreign" // the mark beside it is of another database
	FenceTouched FenceKind = "touched" // its mark was written or moved by somebody else
)

// Fence keeps a database that may not be the newest, or not the only one, from
// mailing: scheduling, feeds and scans go on.
type Fence struct {
	Kind FenceKind `json:"kind"`
	// Letters were handed out that the database does not know of, as far as the
	// mark beside it knows.
	Letters int64 `json:"letters,omitempty"`
	// Backup is when a backup was made, zero otherwise.
	Backup time.Time `json:"backup,omitzero"`
}

// Older tells whether letters may have gone out, and issues may have been made,
// that the database does not know of. Of a copy nobody can tell.
func (f Fence) Older() bool { return f.Kind == FenceBackup || f.Kind == FenceOlder }

// String says in one line why nothing is mailed.
func (f Fence) String() string {
	after := ""
	if f.Letters > 0 {
		after = fmt.Sprintf(", and up to %d letters went out since", f.Letters)
	}
	switch f.Kind {
	case FenceBackup:
		return "the database is a backup of " + f.Backup.UTC().Format("2006-01-02 15:04 MST") + after
	case FenceOlder:
		return "the database is older than what was mailed from it" + after
	case FenceLost:
		return "the mark beside the database is lost: it may be a copy"
	case FenceForeign:
		return "the mark beside the database is of another one"
	case FenceTouched:
		return "the mark beside the database was put back or touched: both may be old"
	}
	return "the database was copied or moved: another one may be mailing"
}

// facts are what the database knows of itself.
type facts struct {
	instance string
	made     bool // there is a mark, or was
	epoch    int64
	letters  int64
	fence    *Fence
	anyTimes bool // touched marks are believed
	blank    bool // it never made an issue or a notice
}

// judge compares the database with the mark beside it; nil is that it may mail.
// What the database has and the mark has not was written just before a crash.
func judge(f facts, s seen, place string) *Fence {
	kind := FenceKind("")
	switch {
	case f.fence != nil:
		return f.fence
	case f.instance == "" && (f.blank || !s.found), f.instance != "" && !f.made:
		return nil // its first mark is to be made
	case !s.found, !s.readable:
		kind = FenceLost
	case f.instance == "":
		kind = FenceOlder // of a time before it had a mark
	case s.Instance != f.instance:
		kind = FenceForeign
	case s.Epoch > f.epoch, s.Letters > f.letters:
		return &Fence{Kind: FenceOlder, Letters: max(0, s.Letters-f.letters)}
	case s.Place != place:
		kind = FenceCopied
	case s.touched && !f.anyTimes:
		kind = FenceTouched
	default:
		return nil
	}
	return &Fence{Kind: kind}
}

// factsText reads the facts in one look.
const factsText = `/* fence.facts */ select
	coalesce((select value from meta where key = 'instance'), ''), coalesce((select value from meta where key = 'mark'), '') = 'made',
	coalesce((select value from meta where key = 'epoch'), '0'), coalesce((select value from meta where key = 'letters'), '0'),
	coalesce((select value from meta where key = 'fence'), ''), coalesce((select value from meta where key = 'mark times'), '') = 'any',
	not exists (select 1 from issues) and not exists (select 1 from notices)`

func scanFacts(r scanner) (f facts, err error) {
	var epoch, letters, fence string
	if err := r.Scan(&f.instance, &f.made, &epoch, &letters, &fence, &f.anyTimes, &f.blank); err != nil {
		return f, err
	}
	if f.epoch, err = strconv.ParseInt(epoch, 10, 64); err != nil {
		return f, err
	}
	if f.letters, err = strconv.ParseInt(letters, 10, 64); err != nil {
		return f, err
	}
	if fence != "" {
		f.fence = &Fence{}
		err = json.Unmarshal([]byte(fence), f.fence)
	}
	return f, err
}

// Fence tells why the database mails nothing, nil where it may. It asks the mark
// as well, so that a copy is known for one before anybody starts it.
func (db *DB) Fence(ctx context.Context) (*Fence, error) {
	// The mark first: a process that mails writes the database before it.
	s, err := readMark(db.markPath())
	if err != nil {
		return nil, fmt.Errorf("read the mark: %w", err)
	}
	place, err := placeOf(db.real)
	if err != nil {
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	f, err := scanFacts(db.read.QueryRowContext(ctx, factsText))
	if err != nil {
		return nil, fmt.Errorf("read the fence: %w", err)
	}
	fence := judge(f, s, place)
	if fence != nil && fence.Kind == FenceBackup && s.readable {
		fence.Letters = max(0, s.Letters-f.letters)
	}
	return fence, nil
}

// markPath is the file beside the database.
func (db *DB) markPath() string { return db.real + ".mark" }

// setMeta keeps a fact about the database.
func setMeta(tx *Tx, key, value string) error {
	_, err := tx.Exec(`/* fence.setMeta */ insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value`, key, value)
	return err
}

// setFence writes a fence into the database.
func setFence(tx *Tx, f Fence) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return setMeta(tx, "fence", string(text))
}

// handOut counts letters that are about to be mailed, in the commit that hands
// them out. It returns how many there were in all.
func handOut(tx *Tx, n int) (letters int64, err error) {
	if n == 0 {
		return 0, nil
	}
	var text string
	err = tx.QueryRow(`/* fence.handOut */ insert into meta (key, value) values ('letters', cast(?1 as text))
		on conflict (key) do update set value = cast(cast(value as integer) + ?1 as text) returning value`, n).Scan(&text)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// mayHandOut tells whether letters may be claimed: where this process mails,
// the open database must be the one at the path, and its mark up to date.
func (db *DB) mayHandOut() error {
	l := db.lock.Load()
	if l == nil || !l.Mails() {
		return nil
	}
	return errors.Join(l.Intact(), l.mark.Load().late())
}

// handedOut brings the mark up to what was handed out. Where that fails the
// letters go all the same, which are claimed by now; no others do.
func (db *DB) handedOut(letters int64) {
	if l := db.lock.Load(); l != nil && l.Mails() {
		l.mark.Load().raise(letters)
	}
}

// errReplaced says that the path leads to another file than the open one.
var errReplaced = errors.New("the database file was replaced while it was open: nothing more is mailed from the old one: start tidings again")

// errForeignLog refuses a database whose log was written for the file that had
// its name before: SQLite cannot know, and would mix the two.
var errForeignLog = errors.New("its log (the file that ends in -wal) belongs to the database that was here before: put that one back, or move the log away as well and start again")

// ownLog refuses the log of another file.
func (db *DB) ownLog() error {
	if size, err := logSize(db.real); err != nil || size == 0 {
		return err
	}
	s, err := readMark(db.markPath())
	if err != nil || !s.readable || s.Log == "" {
		return nil // who locks it reports what cannot be read
	}
	place, err := placeOf(db.real)
	if err != nil {
		return err
	}
	log, err := placeOf(db.real + "-wal")
	if err == nil && place != s.Place && log == s.Log {
		return errForeignLog
	}
	return nil
}
