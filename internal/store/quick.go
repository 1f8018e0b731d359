package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// quick runs the few statements that every letter needs, on the writer's
// connection below database/sql and without a savepoint: what they change must
// be true on its own, whatever becomes of the rest of their write.
type quick struct {
	conn  driver.Conn // during a group
	stmts map[string]driver.StmtExecContext
	args  []driver.NamedValue
	lost  error // why the transaction may be gone
}

// exec runs a statement and returns how many rows it changed.
func (q *quick) exec(text string, args ...driver.Value) (int64, error) {
	if q.lost != nil {
		return 0, q.lost
	}
	s, err := q.prepared(text)
	if err != nil {
		return 0, err
	}
	q.args = q.args[:0]
	for i, a := range args {
		q.args = append(q.args, driver.NamedValue{Ordinal: i + 1, Value: a})
	}
	// A cancelled statement would make SQLite undo the whole group.
	res, err := s.ExecContext(context.Background(), q.args)
	if err != nil {
		if undoes(err) {
			q.lost = err
		}
		return 0, err
	}
	return res.RowsAffected()
}

func (q *quick) prepared(text string) (driver.StmtExecContext, error) {
	if s := q.stmts[text]; s != nil {
		return s, nil
	}
	made, err := q.conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	s, ok := made.(driver.StmtExecContext)
	if !ok {
		return nil, errors.Join(fmt.Errorf("statement %T cannot be run", made), made.Close())
	}
	if q.stmts == nil {
		q.stmts = map[string]driver.StmtExecContext{}
	}
	q.stmts[text] = s
	return s, nil
}

// run tells whether the write could be done this way, whole.
func (q *quick) run(do func(*quick) (bool, error)) (done bool) {
	defer func() {
		if recover() != nil {
			done = false // it will panic again, where its caller is told
		}
	}()
	done, err := do(q)
	return done && err == nil
}

// close ends the statements.
func (q *quick) close() error {
	var errs []error
	for _, s := range q.stmts {
		errs = append(errs, s.(driver.Stmt).Close())
	}
	q.stmts = nil
	return errors.Join(errs...)
}

// undoes tells errors after which SQLite may have undone the transaction: what
// came later would be committed on its own.
func undoes(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}
