package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"tidings.example/mailer"
)

// Import adds the rows of a list, some in a commit, and tells each what became
// of every row, in the order of the list, after it is durable. A list that
// breaks off in the middle leaves what was told until then; importing it again
// does no harm.
func (db *DB) Import(ctx context.Context, rows iter.Seq2[mailer.ImportRow, error], o mailer.ImportOptions, now time.Time, each func(mailer.Imported) error) error {
	keys, err := db.Keys(ctx, eraseKey, now)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	m := &importing{target: db, hasher: hasher{keys[0].Secret}, o: o, now: now, pace: newPace(1000), free: make(chan *batch, 2)}
	m.prepare = func(context.Context, []*incoming) error { return nil }
	m.free <- &batch{}
	m.free <- &batch{}
	if o.DryRun {
		r, err := newRehearsal(ctx, db, o.Digest)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		defer r.close()
		m.target, m.prepare = r.scratch, r.copy
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
			if err := b.tell(m.take(ctx, b), each); err != nil {
				return err
			}
			m.free <- b
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// importing is one running import.
type importing struct {
	target *DB
	hasher hasher
	o      mailer.ImportOptions
	now    time.Time
	pace   *pace
	// free holds the room of batches that are done; there are two.
	free chan *batch
	// prepare is told of the rows of a commit before it.
	prepare func(context.Context, []*incoming) error
	wrote   bool // since the last settle
	// chunked and pointers are the rows of one commit.
	chunked  []incoming
	pointers []*incoming
}

// take brings the sorted rows of a batch into the database, as many in a commit
// as go quickly. None is waited for until it is durable: one at the end makes them
// so, before anybody is told.
func (m *importing) take(ctx context.Context, b *batch) error {
	for rest := b.sorted; len(rest) > 0; {
		some := m.unpack(b, rest[:min(len(rest), m.pace.size)])
		if err := m.prepare(ctx, some); err != nil {
			return errors.Join(err, m.settle(ctx, b))
		}
		if err := m.target.writeLazily(ctx, m.pace, func(tx *Tx) error { return m.chunk(tx, some) }); err != nil {
			return errors.Join(err, m.settle(ctx, b))
		}
		for _, in := range some {
			b.note(in)
		}
		rest = rest[len(some):]
	}
	return errors.Join(m.settle(ctx, b), ctx.Err())
}

// settle makes durable what was written of a batch.
func (m *importing) settle(ctx context.Context, b *batch) error {
	if m.wrote {
		// Who ends the import is still told of everything that was taken.
		if err := m.target.settle(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		m.wrote = false
	}
	for _, place := range b.sorted {
		b.rows[place].done = b.rows[place].taken
	}
	return nil
}

// unpack returns rows of a batch with their hashes, until it is called again.
func (m *importing) unpack(b *batch, places []int32) []*incoming {
	m.chunked, m.pointers = m.chunked[:0], m.pointers[:0]
	for _, place := range places {
		in := b.row(place)
		in.hash = m.hasher.hash(in.Row.Address)
		m.chunked = append(m.chunked, in)
	}
	for i := range m.chunked {
		m.pointers = append(m.pointers, &m.chunked[i])
	}
	return m.pointers
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
	m.wrote = m.wrote || len(fresh)+len(barred)+len(others) > 0
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
