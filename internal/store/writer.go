package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Tx is a running write. It prepares each SQL text once per process: texts are
// constants, and a text must not be run again while its rows are being read.
type Tx struct {
	ctx   context.Context
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	rows  []*sql.Rows
	lost  error // why the transaction may be gone; nothing runs after that
}

// prepared returns the statement of the text.
func (tx *Tx) prepared(text string) (*sql.Stmt, error) {
	if tx.lost != nil {
		return nil, tx.lost
	}
	if s := tx.stmts[text]; s != nil {
		return s, nil
	}
	s, err := tx.conn.PrepareContext(context.WithoutCancel(tx.ctx), text)
	if err != nil {
		return nil, err
	}
	tx.stmts[text] = s
	return s, nil
}

// Exec runs a statement.
func (tx *Tx) Exec(text string, args ...any) (sql.Result, error) {
	s, err := tx.prepared(text)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(tx.ctx, args...)
	return res, tx.see(err)
}

// Query runs a query; the rows must be closed before the write ends.
func (tx *Tx) Query(text string, args ...any) (*sql.Rows, error) {
	s, err := tx.prepared(text)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(tx.ctx, args...)
	if err == nil {
		tx.rows = append(tx.rows, rows)
	}
	return rows, tx.see(err)
}

// QueryRow runs a query for one row.
func (tx *Tx) QueryRow(text string, args ...any) scanner {
	s, err := tx.prepared(text)
	if err != nil {
		return failedRow{err}
	}
	return seenRow{tx, s.QueryRowContext(tx.ctx, args...)}
}

// see notes an error after which SQLite may have undone the transaction: what
// came later would be committed on its own.
func (tx *Tx) see(err error) error {
	if err != nil && undoes(err) {
		tx.lost = err
	}
	return err
}

// scanner is one row, or the reason why there is none.
type scanner interface{ Scan(dest ...any) error }

type seenRow struct {
	tx  *Tx
	row *sql.Row
}

func (r seenRow) Scan(dest ...any) error { return r.tx.see(r.row.Scan(dest...)) }

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// write is one function waiting for the writer.
type write struct {
	ctx context.Context
	fn  func(*Tx) error
	// quick is tried before fn, which is spared if it was enough. What it
	// changed stays, even where fn fails.
	quick func(*quick) (bool, error)
	// lazy: it need not be durable before the answer; its caller makes it so by
	// a later write.
	lazy bool
	err  error
	done chan struct{}
}

// writer runs the writes of a process on one connection. Writes that wait
// together share one transaction, each in a savepoint of its own, and return
// only after the commit: durable before the answer.
type writer struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	quick quick
	crowd gathering
	queue chan *write
	stop  chan struct{}
	ended chan struct{}
	once  sync.Once
	// durable is how the connection commits now.
	durable durable
	faults  faults
	// held is told how long each transaction held the database; nil in the program.
	held func(time.Duration)
}

func newWriter(conn *sql.Conn) *writer {
	w := &writer{conn: conn, stmts: map[string]*sql.Stmt{}, queue: make(chan *write, groupLimit), stop: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

// errClosed is the answer to a write after the database was closed.
var errClosed = errors.New("database is closed")

// Write runs fn in a transaction and returns after it is durable. An error of
// fn undoes fn alone. fn must not call Write.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.submit(&write{ctx: ctx, fn: fn, done: make(chan struct{})})
}

// submit hands a write to the writer and returns after it is durable.
func (db *DB) submit(j *write) error {
	select {
	case db.writer.queue <- j:
	case <-j.ctx.Done():
		return j.ctx.Err()
	case <-db.writer.stop:
		return errClosed
	}
	select {
	case <-j.done:
	case <-db.writer.ended:
		select {
		case <-j.done:
		default:
			return errClosed
		}
	}
	return db.ifReadOnly(ifFull(j.err, "the disk of the database is full: make room"))
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case j := <-w.queue:
			w.group(j)
		case <-w.stop:
			for {
				select {
				case j := <-w.queue:
					w.group(j)
				default:
					return
				}
			}
		}
	}
}

// group commits first and whatever waits behind it together.
func (w *writer) group(first *write) {
	jobs := w.crowd.gather(w.queue, first)
	defer w.crowd.done(jobs)
	err := w.promise(jobs)
	if err == nil {
		err = w.exec("begin immediate")
	}
	if err != nil {
		w.faults.note(err)
		finish(jobs, fmt.Errorf("begin: %w", err))
		return
	}
	if w.held != nil {
		defer func(since time.Time) { w.held(time.Since(since)) }(time.Now())
	}
	before := w.changes()
	good, err := w.all(jobs)
	if err != nil {
		// The transaction is gone (a full disk does that): nothing of the
		// group is durable, and nothing more may run outside of it. The
		// rollback fails where SQLite was faster.
		_ = w.exec("rollback")
		w.faults.note(err)
		finish(jobs, fmt.Errorf("write undone: %w", err))
		return
	}
	end := "commit"
	if good == 0 {
		end = "rollback"
	}
	if err := w.exec(end); err != nil {
		// The rollback's own error says nothing more: SQLite may have undone
		// the transaction already.
		_ = w.exec("rollback")
		w.faults.note(err)
		finish(jobs, fmt.Errorf("%s: %w", end, err))
		return
	}
	w.written(before)
	finish(jobs, nil)
}

// all runs the writes of a group, quick ones first, and counts those that did
// not fail. An error says that the transaction of the group was lost.
func (w *writer) all(jobs []*write) (good int, err error) {
	rest, err := w.quickly(jobs)
	if err != nil {
		return 0, err
	}
	good = len(jobs) - len(rest)
	for _, j := range rest {
		broken, err := w.one(j)
		if broken {
			return 0, err
		}
		if j.err = err; err == nil {
			good++
		}
	}
	return good, nil
}

// quickly runs the quick writes and returns the others: those that are none,
// and those for which it was not enough.
func (w *writer) quickly(jobs []*write) (rest []*write, err error) {
	if !slices.ContainsFunc(jobs, func(j *write) bool { return j.quick != nil }) {
		return jobs, nil
	}
	err = w.conn.Raw(func(c any) (err error) {
		if w.quick.conn, err = driverConn(c); err != nil {
			return err
		}
		for _, j := range jobs {
			if j.quick == nil || j.ctx.Err() != nil || !w.quick.run(j.quick) {
				rest = append(rest, j)
			}
		}
		err, w.quick.lost = w.quick.lost, nil
		return err
	})
	return rest, err
}

func driverConn(c any) (driver.Conn, error) {
	conn, ok := c.(driver.Conn)
	if !ok {
		return nil, fmt.Errorf("%T is no connection", c)
	}
	return conn, nil
}

// one runs a write in a savepoint of its own. broken tells that the transaction
// of the group was lost.
func (w *writer) one(j *write) (broken bool, err error) {
	if err := j.ctx.Err(); err != nil {
		return false, err
	}
	if err := w.exec("savepoint one"); err != nil {
		return true, err
	}
	// A cancelled statement would make SQLite undo the whole group.
	tx := &Tx{ctx: context.WithoutCancel(j.ctx), conn: w.conn, stmts: w.stmts}
	err = call(j.fn, tx)
	for _, rows := range tx.rows {
		// Rows that a panic left open would keep the database from closing.
		_ = rows.Close()
	}
	if tx.lost != nil {
		if !errors.Is(err, tx.lost) {
			err = errors.Join(err, tx.lost)
		}
		return true, err
	}
	if err == nil {
		// It fails where the transaction was lost and fn did not notice.
		err = w.exec("release one")
		return err != nil, err
	}
	undo := w.exec("rollback to one")
	if undo == nil {
		undo = w.exec("release one")
	}
	return undo != nil, errors.Join(err, undo)
}

// call turns a panic of fn into an error, so that one caller's fault does not
// end the writer of all others.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write panicked: %v", p)
		}
	}()
	return fn(tx)
}

func (w *writer) exec(text string) error {
	tx := &Tx{ctx: context.Background(), conn: w.conn, stmts: w.stmts}
	_, err := tx.Exec(text)
	return err
}

// finish hands out the answers; a failed group fails every write in it.
func finish(jobs []*write, err error) {
	for _, j := range jobs {
		if err != nil {
			j.err = errors.Join(j.err, err)
		}
		close(j.done)
	}
}

// close runs what is queued and ends the writer.
func (w *writer) close() error {
	w.once.Do(func() { close(w.stop) })
	<-w.ended
	errs := []error{w.conn.Raw(func(any) error { return w.quick.close() })}
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}
