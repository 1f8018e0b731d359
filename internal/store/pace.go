package store

import (
	"context"
	"time"
)

// holdAim is how long one commit of a long job may hold the writer: somebody
// who unsubscribes waits for it, and so does every letter.
const holdAim = 20 * time.Millisecond

// pace is how much of a long job goes into one commit: what the machine does
// within holdAim.
type pace struct{ size, least, most int }

func newPace(size int) *pace { return &pace{size: size, least: max(1, size/4), most: size * 4} }

// took adapts the size to what the last commit took.
func (p *pace) took(d time.Duration) {
	switch {
	case d > holdAim:
		p.size = max(p.least, int(int64(p.size)*int64(holdAim)/int64(d)))
	case d < holdAim/2:
		p.size = min(p.most, p.size+p.size/4+1)
	}
}

// writePaced is [DB.Write] for a part of a long job; the time from the moment
// when the writer is held is told to the pace.
func (db *DB) writePaced(ctx context.Context, p *pace, fn func(*Tx) error) error {
	return db.submitPaced(&write{ctx: ctx, fn: fn, done: make(chan struct{})}, p)
}

func (db *DB) submitPaced(j *write, p *pace) error {
	var began time.Time
	fn := j.fn
	j.fn = func(tx *Tx) error {
		began = time.Now()
		return fn(tx)
	}
	err := db.submit(j)
	if !began.IsZero() {
		p.took(time.Since(began))
	}
	return err
}
