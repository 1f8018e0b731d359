package store

import (
	"database/sql"
	"errors"
	"math"
	"time"

	"tidings.example/mailer"
)

const (
	day = 24 * 3600 * 1000 // in milliseconds, as in the database

	// memory is how long a bounce counts against its address.
	memory = 30 * day
	// softDays is the number of days with soft bounces that make a hard one.
	softDays = 5
)

// bounce notes a refusal of an address, before its letter is closed. A soft one
// on too many days is hardened: the address gets no second try.
func (c *chain) bounce(r *mailer.Result) (hardened bool, err error) {
	if err := c.note(*r); err != nil || r.Bounce != mailer.BounceSoft {
		return false, err
	}
	if hard, err := softTooOften(c.tx, r.Address, c.now); err != nil || !hard {
		return false, err
	}
	r.State, r.Due, r.Cause, r.Bounce = mailer.Refused, time.Time{}, "soft bounces on too many days", mailer.BounceHard
	return true, c.note(*r)
}

// note writes a bounce, unless its letter was ended meanwhile. A soft one waits
// for no verdict.
func (c *chain) note(r mailer.Result) error {
	verdict := ""
	if r.Bounce == mailer.BounceSoft {
		verdict = "counted"
	}
	_, err := c.tx.Exec(`/* outbox.note */ insert into bounces (subscriber, address, notice, letter, kind, reply, verdict, at, server)
		select subscriber, ?, ?, id, ?, ?, ?, ?, ? from `+table(r.Notice)+` where id = ? and fence = ? and state in ('leased', 'inflight')`,
		r.Address, r.Notice, string(r.Bounce), r.Reply, verdict, c.now, c.s.Server, r.ID, r.Fence)
	return err
}

// waiting is a bounce whose window is open.
type waiting struct {
	id, subscriber, letter int64
	notice                 bool
	address, kind          string
}

// judge ends the server's window: its bounces are believed, or blamed on the server.
func (c *chain) judge(v mailer.Verdict) error {
	if v == mailer.WindowOpen {
		return nil
	}
	open, err := c.waiting()
	if err != nil {
		return err
	}
	for _, b := range open {
		verdict := "returned"
		if v == mailer.WindowSane {
			verdict, err = c.believe(b)
		} else {
			_, err = c.tx.Exec(`/* outbox.judge */ update `+table(b.notice)+` set state = 'queued', cause = 'too many bounced: the server was to blame', due_at = ?, updated_at = ? where id = ? and state = 'bounced'`, c.now, c.now, b.letter)
		}
		if err != nil {
			return err
		}
		if _, err := c.tx.Exec(`/* outbox.judge */ update bounces set verdict = ? where id = ?`, verdict, b.id); err != nil {
			return err
		}
	}
	return nil
}

// waiting lists the server's bounces that the verdict is on: a rotten window is
// one on all of them.
func (c *chain) waiting() ([]waiting, error) {
	before := int64(math.MaxInt64)
	if c.s.Window == mailer.WindowSane && !c.s.Believe.IsZero() {
		before = c.s.Believe.UnixMilli()
	}
	rows, err := c.tx.Query(`/* outbox.judge */ select id, subscriber, letter, notice, address, kind from bounces
		where verdict = '' and server in ('', ?) and at < ?`, c.s.Server, before)
	if err != nil {
		return nil, err
	}
	return scanWaiting(rows)
}

func scanWaiting(rows *sql.Rows) (open []waiting, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var b waiting
		if err := rows.Scan(&b.id, &b.subscriber, &b.letter, &b.notice, &b.address, &b.kind); err != nil {
			return nil, err
		}
		open = append(open, b)
	}
	return open, rows.Err()
}

// believe suppresses the address of a hard bounce, and of the second bare one.
func (c *chain) believe(b waiting) (string, error) {
	if b.kind == string(mailer.BounceBare) {
		again, err := bareBefore(c.tx, b.address, b.id, c.now)
		if err != nil || !again {
			return "counted", err
		}
	}
	return "suppressed", suppressBounced(c.tx, b.subscriber, b.address, c.now)
}
