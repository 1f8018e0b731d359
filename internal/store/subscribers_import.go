package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"tidings.example/mailer"
)

// importBatch is how many rows of a list are sorted by address before they are
// taken: neighbours in the index of addresses are written together. Two batches
// are in memory, one being read while the other is written.
const importBatch = 16384

// Import adds the rows of a list, some in a commit, and tells each what became
// of every row, in the order of the list, after it is durable. A list that
// breaks off in the middle leaves what was told until then; importing it again
// does no harm.
func (db *DB) Import(ctx context.Context, rows iter.Seq2[mailer.ImportRow, error], o mailer.ImportOptions, now time.Time, each func(mailer.Imported) error) error {
	keys, err := db.Keys(ctx, eraseKey, now)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	m := &importing{target: db, hasher: hasher{keys[0].Secret}, o: o, now: now, pace: newPace(1000), free: make(chan batch, 2)}
	m.free <- batch{}
	m.free <- batch{}
	prepare := func(context.Context, []*incoming) error { return nil }
	if o.DryRun {
		r, err := newRehearsal(ctx, db, o.Digest)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		defer r.close()
		m.target, prepare = r.scratch, r.copy
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	batches := m.batches(ctx, rows)
	for {
		select {
		case b, more := <-batches:
			if !more {
				return ctx.Err()
			}
			err := prepare(ctx, b.sorted)
			if err == nil {
				err = m.take(ctx, b.sorted)
			}
			if err := b.tell(err, each); err != nil {
				return err
			}
			m.free <- b
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// incoming is a row on its way.
type incoming struct {
	mailer.Imported
	hash string
	done bool // it is durable
}

// batch is some rows of a list in their order; err is why no more come.
type batch struct {
	rows   []incoming
	sorted []*incoming // those with an address, by address and line
	err    error
}

// tell hands out what became of the rows that are durable. err is why some are
// not.
func (b *batch) tell(err error, each func(mailer.Imported) error) error {
	for i := range b.rows {
		if in := &b.rows[i]; in.done {
			if err := each(in.Imported); err != nil {
				return err
			}
		}
	}
	if err != nil && len(b.rows) > 0 {
		return fmt.Errorf("import: lines %d to %d: %w", b.rows[0].Row.Line, b.rows[len(b.rows)-1].Row.Line, err)
	}
	return errors.Join(err, b.err)
}

// importing is one running import.
type importing struct {
	target *DB
	hasher hasher
	o      mailer.ImportOptions
	now    time.Time
	pace   *pace
	// free holds the room of batches that are done; there are two.
	free chan batch
}

// batches reads, hashes and sorts the next batch while the one before is
// written. The reader ends with the list, or with ctx.
func (m *importing) batches(ctx context.Context, rows iter.Seq2[mailer.ImportRow, error]) <-chan batch {
	out := make(chan batch)
	go func() {
		defer close(out)
		send := func(b batch) bool {
			b.sort(m.hasher)
			select {
			case out <- b:
				return true
			case <-ctx.Done():
				return false
			}
		}
		b := m.empty(ctx)
		for row, err := range rows {
			if err != nil {
				b.err = err
				send(b)
				return
			}
			if b.rows = append(b.rows, incoming{Imported: mailer.Imported{Row: row}}); len(b.rows) == importBatch {
				if !send(b) {
					return
				}
				b = m.empty(ctx)
			}
		}
		if len(b.rows) > 0 {
			send(b)
		}
	}()
	return out
}

// empty returns room for a batch: new room for each would double the memory.
func (m *importing) empty(ctx context.Context) (b batch) {
	select {
	case b = <-m.free:
	case <-ctx.Done():
	}
	if b.rows == nil {
		return batch{rows: make([]incoming, 0, importBatch), sorted: make([]*incoming, 0, importBatch)}
	}
	clear(b.rows)
	return batch{rows: b.rows[:0], sorted: b.sorted[:0]}
}

func (b *batch) sort(h hasher) {
	for i := range b.rows {
		in := &b.rows[i]
		if in.done = in.Row.Problem != ""; !in.done {
			in.hash = h.hash(in.Row.Address)
			b.sorted = append(b.sorted, in)
		}
	}
	// Stable: what the list says later of an address counts later.
	slices.SortStableFunc(b.sorted, func(a, b *incoming) int { return cmp.Compare(a.Row.Address.Key, b.Row.Address.Key) })
}

// take brings sorted rows into the database, as many in a commit as go quickly.
func (m *importing) take(ctx context.Context, rows []*incoming) error {
	for len(rows) > 0 {
		some := rows[:min(len(rows), m.pace.size)]
		if err := m.target.writePaced(ctx, m.pace, func(tx *Tx) error { return m.chunk(tx, some) }); err != nil {
			return err
		}
		for _, in := range some {
			in.done = true
		}
		rows = rows[len(some):]
	}
	return ctx.Err()
}

// chunk takes rows in one commit: those of new people together, those that
// change nothing not at all, and the others one by one.
func (m *importing) chunk(tx *Tx, rows []*incoming) error {
	known, err := acquaintances(tx.Query, m.o.Digest, rows)
	if err != nil {
		return err
	}
	var fresh, barred, others []*incoming
	for i, in := range rows {
		in.Imported = mailer.Imported{Row: in.Row}
		k := known[in.Row.Address.Key]
		switch again := i > 0 && rows[i-1].Row.Address.Key == in.Row.Address.Key; {
		case again:
			others = append(others, in)
		case k == nil && in.Row.Suppress == "":
			fresh = append(fresh, in)
		case k == nil:
			barred = append(barred, in)
		case !m.unchanged(in, k):
			others = append(others, in)
		}
	}
	if err := m.enrol(tx, fresh); err != nil {
		return err
	}
	if err := m.suppressNew(tx, barred); err != nil {
		return err
	}
	for _, in := range others {
		if in.Imported, err = importRow(tx, m.hasher, in.Row, m.o, m.now); err != nil {
			return err
		}
	}
	return nil
}

// unchanged decides as [add] does where that changes nothing, and tells whether
// it is so.
func (m *importing) unchanged(in *incoming, k *acquaintance) bool {
	consent := m.o.Consent != "" && !in.Row.Pending
	switch {
	case in.Row.Suppress != "":
		return false
	case k.reason == mailer.SuppressedUnsubscribed:
		in.Outcome, in.Reason = mailer.Left, k.reason
	case k.reason != "":
		in.Outcome, in.Reason = mailer.Blocked, k.reason
	case k.state == mailer.Unsubscribed:
		in.Outcome, in.Reason = mailer.Left, mailer.SuppressedUnsubscribed
	case k.state == mailer.Bounced || k.state == mailer.Complained:
		in.Outcome, in.Reason = mailer.Blocked, mailer.Reason(k.state)
	case k.left.Valid:
		in.Outcome = mailer.Left
	case k.confirmed.Valid || k.subscribed && !consent:
		in.Outcome = mailer.Known
	default:
		return false
	}
	return true
}

// importRow takes one row, whatever is known of the address.
func importRow(tx *Tx, h hasher, row mailer.ImportRow, o mailer.ImportOptions, now time.Time) (i mailer.Imported, err error) {
	i.Row = row
	if row.Suppress != "" {
		i.Outcome, i.Reason = mailer.Suppressed, row.Suppress
		known, err := suppressed(tx, h.hash(row.Address))
		if err != nil {
			return i, err
		}
		if known == mailer.SuppressedErased {
			// Of somebody who was erased no list brings the address back.
			row.Suppress = mailer.SuppressedErased
		}
		return i, suppress(tx, h, row.Address, row.Suppress, row.Note, now)
	}
	n := mailer.NewSubscriber{Address: row.Address, Digest: o.Digest, Consent: o.Consent, Import: true, Name: row.Name, Language: row.Language, FromStart: o.FromStart}
	if row.Pending {
		n.Consent = ""
	}
	i.Outcome, i.Reason, err = add(tx, h, n, now)
	i.Active = n.Consent != "" && (i.Outcome == mailer.Added || i.Outcome == mailer.Confirmed)
	return i, err
}

// errMoved says that numbers were given that are taken: it cannot happen under
// the writer's lock.
var errMoved = errors.New("the numbers of new subscribers are taken")
