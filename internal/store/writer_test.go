package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// openNumbers makes a table of numbers and returns the database.
func openNumbers(t *testing.T) *DB {
	t.Helper()
	db := openTest(t)
	if err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec("create table numbers (n integer primary key, text text not null default '') strict")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return db
}

func addNumber(n int) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec("insert into numbers (n) values (?)", n)
		return err
	}
}

func storedNumbers(t *testing.T, db *DB) []int {
	t.Helper()
	out, err := collect[int](t.Context(), db.read, "select n from numbers order by n")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// together runs the writes in one group, and returns their errors.
func together(t *testing.T, db *DB, ctx context.Context, fns ...func(*Tx) error) []error {
	t.Helper()
	jobs := make([]*write, len(fns))
	for i, fn := range fns {
		jobs[i] = &write{ctx: ctx, fn: fn}
	}
	return queued(t, db, jobs)
}

// queued runs the jobs in one group, and returns their errors.
func queued(t *testing.T, db *DB, jobs []*write) []error {
	t.Helper()
	errs := make([]error, len(jobs))
	entered, leave := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.Write(t.Context(), func(*Tx) error { close(entered); <-leave; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-entered // the writer is busy: what comes now waits in the queue
	for _, j := range jobs {
		j.done = make(chan struct{})
		if j.ctx == nil {
			j.ctx = t.Context()
		}
		db.writer.queue <- j
	}
	close(leave)
	for i, j := range jobs {
		<-j.done
		errs[i] = j.err
	}
	wg.Wait()
	return errs
}

func TestWriteThatFailsUndoesItselfOnly(t *testing.T) {
	t.Parallel()
	db := openNumbers(t)
	mine := errors.New("mine")
	errs := together(t, db, t.Context(), addNumber(1),
		func(tx *Tx) error { return errors.Join(addNumber(2)(tx), mine) },
		addNumber(1), // violates the key
		func(tx *Tx) error { _ = addNumber(3)(tx); panic("oh") },
		addNumber(4))
	if errs[0] != nil || !errors.Is(errs[1], mine) || !constraint(errs[2]) || errs[3] == nil || !strings.Contains(errs[3].Error(), "oh") || errs[4] != nil {
		t.Fatalf("errors %v", errs)
	}
	if got := fmt.Sprint(storedNumbers(t, db)); got != "[1 4]" {
		t.Errorf("numbers %s", got)
	}
	if err := db.Write(t.Context(), func(tx *Tx) error { _ = addNumber(5)(tx); return mine }); !errors.Is(err, mine) {
		t.Errorf("a write of its own: %v", err)
	}
	if got := fmt.Sprint(storedNumbers(t, db)); got != "[1 4]" {
		t.Errorf("numbers %s", got)
	}
}

func TestWriteWithRowsLeftOpenDoesNotHarmTheNext(t *testing.T) {
	t.Parallel()
	db := openNumbers(t)
	if err := db.Write(t.Context(), func(tx *Tx) error { return errors.Join(addNumber(1)(tx), addNumber(2)(tx)) }); err != nil {
		t.Fatal(err)
	}
	err := db.Write(t.Context(), func(tx *Tx) error {
		rows, err := tx.Query("select n from numbers")
		if err != nil || !rows.Next() {
			t.Errorf("no row: %v", err)
		}
		_ = addNumber(3)(tx)
		panic("with open rows")
	})
	if err == nil {
		t.Fatal("no error")
	}
	if err := db.Write(t.Context(), addNumber(4)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(storedNumbers(t, db)); got != "[1 2 4]" {
		t.Errorf("numbers %s", got)
	}
}

func TestCancelledWriteIsNotRun(t *testing.T) {
	t.Parallel()
	db := openNumbers(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errs := together(t, db, ctx, addNumber(1))
	if !errors.Is(errs[0], context.Canceled) || len(storedNumbers(t, db)) != 0 {
		t.Errorf("error %v, numbers %v", errs[0], storedNumbers(t, db))
	}
	ctx, cancel = context.WithCancel(t.Context())
	errs = together(t, db, ctx, func(tx *Tx) error { cancel(); return addNumber(2)(tx) }, addNumber(3))
	if errs[0] != nil || !errors.Is(errs[1], context.Canceled) || fmt.Sprint(storedNumbers(t, db)) != "[2]" {
		t.Errorf("errors %v, numbers %v: a running write is finished, a waiting one is not begun", errs, storedNumbers(t, db))
	}
}

func TestCloseRunsWhatIsQueued(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := Open(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(tx *Tx) error { _, err := tx.Exec("create table numbers (n integer) strict"); return err }); err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.Write(t.Context(), func(*Tx) error { close(entered); <-leave; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-entered
	jobs := make([]*write, 600)
	sent := make(chan struct{})
	wg.Go(func() {
		for i := range jobs {
			jobs[i] = &write{ctx: t.Context(), fn: addNumber(i), done: make(chan struct{})}
			if i == groupLimit {
				close(sent)
			}
			select {
			case db.writer.queue <- jobs[i]:
			case <-db.writer.stop:
				jobs = jobs[:i]
				return
			}
		}
	})
	<-sent // the queue is full
	closed := make(chan error)
	go func() { closed <- db.Close() }()
	<-db.writer.stop
	close(leave)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if err := db.Write(t.Context(), addNumber(-1)); !errors.Is(err, errClosed) {
		t.Errorf("write after close: %v", err)
	}
	again, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	stored := map[int]bool{}
	for _, n := range storedNumbers(t, again) {
		stored[n] = true
	}
	for i, j := range jobs {
		select {
		case <-j.done:
			if j.err != nil || !stored[i] {
				t.Fatalf("write %d: error %v, stored %t", i, j.err, stored[i])
			}
		default:
			if stored[i] {
				t.Fatalf("write %d was not answered and is stored", i)
			}
		}
	}
	if len(stored) < groupLimit {
		t.Errorf("%d of the queued writes are stored", len(stored))
	}
}

func TestFullDiskFailsTheWholeGroupAndLeavesNothing(t *testing.T) {
	t.Parallel()
	db := openNumbers(t)
	var pages int
	if err := db.Write(t.Context(), func(tx *Tx) error {
		if err := tx.QueryRow("pragma page_count").Scan(&pages); err != nil {
			return err
		}
		var limit int
		return tx.QueryRow(fmt.Sprintf("pragma max_page_count = %d", pages+4)).Scan(&limit)
	}); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 200_000)
	fill := func(tx *Tx) error {
		_, err := tx.Exec("insert into numbers (n, text) values (2, ?)", big)
		return err
	}
	careless := func(tx *Tx) error {
		_ = fill(tx)
		_ = addNumber(3)(tx) // would be committed on its own
		return nil
	}
	for name, fns := range map[string][]func(*Tx) error{
		"one":      {fill},
		"careless": {careless},
		"group":    {addNumber(1), fill, addNumber(4)},
		"groups":   {addNumber(1), careless, addNumber(4)},
	} {
		for i, err := range together(t, db, t.Context(), fns...) {
			if err == nil || !strings.Contains(err.Error(), "full") {
				t.Errorf("%s: write %d: %v", name, i, err)
			}
		}
		if got := storedNumbers(t, db); len(got) != 0 {
			t.Errorf("%s: %v is left", name, got)
		}
	}
	if err := db.Write(t.Context(), addNumber(5)); err != nil {
		t.Errorf("a small write after it: %v", err)
	}
}

func TestWritesThatWaitShareACommit(t *testing.T) {
	t.Parallel()
	db := openNumbers(t)
	const n = 100
	fns := make([]func(*Tx) error, n)
	for i := range fns {
		fns[i] = addNumber(i)
	}
	fns = append(fns, func(*Tx) error {
		if seen := storedNumbers(t, db); len(seen) != 0 {
			return fmt.Errorf("%d of the writes before were committed apart", len(seen))
		}
		return nil
	})
	for _, err := range together(t, db, t.Context(), fns...) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := len(storedNumbers(t, db)); got != n {
		t.Errorf("%d numbers", got)
	}
}

// TestWriterChild is the other process of TestWriteIsDurableWhenItReturns: it
// writes numbers and says so, until it is killed.
func TestWriterChild(t *testing.T) {
	path := os.Getenv("TIDINGS_TEST_WRITER")
	if path == "" {
		t.Skip("it is run by TestWriteIsDurableWhenItReturns")
	}
	db, err := Open(t.Context(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1_000_000 {
		if err := db.Write(t.Context(), addNumber(i)); err != nil {
			t.Fatal(err)
		}
		fmt.Println("wrote", i)
	}
}

func TestWriteIsDurableWhenItReturns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := Open(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec("create table numbers (n integer primary key) strict")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriterChild$", "-test.v")
	cmd.Env = append(os.Environ(), "TIDINGS_TEST_WRITER="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := -1
	for last < 20 {
		var word string
		var n int
		if _, err := fmt.Fscanln(out, &word, &n); err == nil && word == "wrote" {
			last = n
		} else if errors.Is(err, os.ErrClosed) || err != nil && err.Error() == "EOF" {
			t.Fatal("the other process ended")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if got := storedNumbers(t, db); len(got) <= last {
		t.Errorf("%d numbers after a kill, %d were promised", len(got), last+1)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestWriteWaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	db := openNumbers(t)
	other, err := sql.Open("sqlite", dsn(db.Path(), false))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil) // immediate: it holds the lock
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("insert into numbers (n) values (1)"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- db.Write(t.Context(), addNumber(2)) }()
	select {
	case err := <-done:
		t.Fatalf("the write did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(storedNumbers(t, db)); got != "[1 2]" {
		t.Errorf("numbers %s", got)
	}
}
