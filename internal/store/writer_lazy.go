package store

import (
	"context"
	"slices"
)

// durable is when a commit is safe from a power cut: with synchronous = FULL
// before the answer, with NORMAL no later than the next FULL commit that writes.
// Either way a cut leaves a whole database, that of some commit.
type durable int

const (
	atOnce durable = iota // as the connection was opened
	later
	never // the database is thrown away
)

// promise sees to it that the next commit is as durable as its writes ask for.
func (w *writer) promise(jobs []*write) error {
	want, level := atOnce, "full"
	if !slices.ContainsFunc(jobs, func(j *write) bool { return !j.lazy }) {
		want, level = later, "normal"
	}
	if w.durable == want || w.durable == never {
		return nil
	}
	// Not a prepared statement: SQLite does this while it compiles.
	if _, err := w.conn.ExecContext(context.Background(), "pragma synchronous = "+level); err != nil {
		return err
	}
	w.durable = want
	return nil
}

// giveUp makes no commit durable. Nothing may be written before.
func (w *writer) giveUp() error {
	w.durable = never
	_, err := w.conn.ExecContext(context.Background(), "pragma synchronous = off")
	return err
}

// writeLazily is writePaced for a part that need not be durable before the answer:
// the job calls db.settle before it tells anybody.
func (db *DB) writeLazily(ctx context.Context, p *pace, fn func(*Tx) error) error {
	return db.submitPaced(&write{ctx: ctx, fn: fn, lazy: true, done: make(chan struct{})}, p)
}

// settle makes everything durable that was written lazily. A commit that changes
// nothing would not be one: a number of its own goes up.
func (db *DB) settle(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* writer.settle */ insert into meta (key, value) values ('settled', '1')
			on conflict (key) do update set value = cast(cast(value as integer) + 1 as text)`)
		return err
	})
}
