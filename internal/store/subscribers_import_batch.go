package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"tidings.example/mailer"
)

// importBatch is how many rows of a list are sorted by address before they are
// taken: neighbours in the index of addresses are written together, and the more
// of them the fewer of its pages are written again for the next batch. Two
// batches are in memory, one being read while the other is written.
const importBatch = 32768

// importBytes ends a batch of long rows early: it is memory, too.
const importBytes = 7 << 19

// batch is some rows of a list in their order, packed: a row is a quarter of
// what its strings and pointers take. err is why no more come.
type batch struct {
	text   []byte
	rows   []packedRow
	sorted []int32 // the places of those with an address, by address and line
	err    error
}

// packedRow is a row of a batch: where its text and its key are, and what became
// of it.
type packedRow struct {
	at, key, end    uint32
	outcome, reason uint8 // places in outcomes and reasons
	active          bool
	taken, done     bool // done: it is durable, too
}

var (
	outcomes = []mailer.Outcome{"", mailer.Added, mailer.Confirmed, mailer.Known, mailer.Left, mailer.Blocked, mailer.Suppressed}
	reasons  = append([]mailer.Reason{""}, strongest...)
)

// incoming is a row on its way.
type incoming struct {
	mailer.Imported
	hash  string
	place int32 // in the batch
}

// The flags of a packed row.
const (
	rowPending = 1 << iota
	rowUTF8
)

// add packs a row.
func (b *batch) add(row *mailer.ImportRow) {
	p := packedRow{at: uint32(len(b.text)), done: row.Problem != ""}
	b.text = binary.AppendUvarint(b.text, uint64(row.Line))
	flags := byte(0)
	if row.Pending {
		flags |= rowPending
	}
	if row.Address.UTF8 {
		flags |= rowUTF8
	}
	b.text = append(b.text, flags, byte(slices.Index(reasons, row.Suppress)))
	mailed := row.Address.Mailed
	if mailed == row.Address.Key {
		mailed = "" // nearly always: it is kept once
	}
	for i, part := range [...]string{row.Address.Key, mailed, row.Name, row.Language, row.Note, row.Warning, row.Problem} {
		b.text = binary.AppendUvarint(b.text, uint64(len(part)))
		if i == 0 {
			p.key, p.end = uint32(len(b.text)), uint32(len(b.text)+len(part))
		}
		b.text = append(b.text, part...)
	}
	b.rows = append(b.rows, p)
}

// row unpacks a row.
func (b *batch) row(place int32) (in incoming) {
	p := b.rows[place]
	end := len(b.text)
	if int(place)+1 < len(b.rows) {
		end = int(b.rows[place+1].at)
	}
	in.place = place
	row := &in.Row
	rest := b.text[p.at:end]
	line, n := binary.Uvarint(rest)
	row.Line, row.Pending, row.Address.UTF8, row.Suppress = int(line), rest[n]&rowPending != 0, rest[n]&rowUTF8 != 0, reasons[rest[n+1]]
	text := string(rest[n+2:])
	rest = rest[n+2:]
	for _, part := range [...]*string{&row.Address.Key, &row.Address.Mailed, &row.Name, &row.Language, &row.Note, &row.Warning, &row.Problem} {
		size, n := binary.Uvarint(rest)
		*part = text[n : n+int(size)]
		rest, text = rest[n+int(size):], text[n+int(size):]
	}
	if row.Address.Mailed == "" {
		row.Address.Mailed = row.Address.Key
	}
	in.Outcome, in.Reason, in.Active = outcomes[p.outcome], reasons[p.reason], p.active
	return in
}

// note keeps what became of a row.
func (b *batch) note(in *incoming) {
	p := &b.rows[in.place]
	p.outcome, p.reason = uint8(slices.Index(outcomes, in.Outcome)), uint8(slices.Index(reasons, in.Reason))
	p.active, p.taken = in.Active, true
}

func (b *batch) full() bool { return len(b.rows) == importBatch || len(b.text) >= importBytes }

// sort puts the rows with an address in order.
func (b *batch) sort() {
	for i, p := range b.rows {
		if !p.done {
			b.sorted = append(b.sorted, int32(i))
		}
	}
	// What the list says later of an address counts later.
	slices.SortFunc(b.sorted, func(x, y int32) int {
		p, q := &b.rows[x], &b.rows[y]
		return cmp.Or(bytes.Compare(b.text[p.key:p.end], b.text[q.key:q.end]), int(x-y))
	})
}

// tell hands out what became of the rows that are durable. err is why some are
// not.
func (b *batch) tell(err error, each func(mailer.Imported) error) error {
	for i := range b.rows {
		if b.rows[i].done {
			if err := each(b.row(int32(i)).Imported); err != nil {
				return err
			}
		}
	}
	if n := len(b.rows); err != nil && n > 0 {
		return fmt.Errorf("import: lines %d to %d: %w", b.row(0).Row.Line, b.row(int32(n-1)).Row.Line, err)
	}
	return errors.Join(err, b.err)
}

// batches reads and sorts the next batch while the one before is written. The
// reader ends with the list, or with ctx.
func (m *importing) batches(ctx context.Context, rows iter.Seq2[mailer.ImportRow, error]) <-chan *batch {
	out := make(chan *batch)
	go func() {
		defer close(out)
		send := func(b *batch) bool {
			b.sort()
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
			if b.add(&row); b.full() {
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
func (m *importing) empty(ctx context.Context) *batch {
	select {
	case b := <-m.free:
		*b = batch{text: b.text[:0], rows: b.rows[:0], sorted: b.sorted[:0]}
		return b
	case <-ctx.Done():
		return &batch{}
	}
}
