package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Invariants checks what must hold of the ledger at every instant, and yields
// a line for every breach: which rule (I1 to I6 of the design), where, and what
// is wrong. An error ends it: a check could not be made. It only reads, beside
// whatever is going on; memory does not grow with the list.
func (db *DB) Invariants(ctx context.Context, now time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, check := range []func(context.Context, func(string) bool, time.Time) error{db.checkTexts, db.checkLists, db.checkTwice} {
			told := true
			err := check(ctx, func(line string) bool { told = yield(line, nil); return told }, now)
			if err != nil {
				yield("", fmt.Errorf("check the ledger: %w", err))
				return
			}
			if !told {
				return
			}
		}
	}
}

// checkTexts runs the checks that are one query each.
func (db *DB) checkTexts(ctx context.Context, tell func(string) bool, now time.Time) error {
	for _, text := range invariantTexts {
		more, err := db.checkText(ctx, text, tell, now)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func (db *DB) checkText(ctx context.Context, text string, tell func(string) bool, now time.Time) (more bool, err error) {
	rows, err := db.read.QueryContext(ctx, text, sql.Named("now", now.UnixMilli()))
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return false, err
		}
		if !tell(line) {
			return false, nil
		}
	}
	return true, rows.Err()
}

// checkLists reads every list of members: each says what its row says of it
// (I4).
func (db *DB) checkLists(ctx context.Context, tell func(string) bool, _ time.Time) error {
	for after := int64(0); ; {
		var wave, readers, letters int64
		var p listed
		err := (reader{db}).QueryRowContext(ctx, `/* invariants.lists */ select id, wave, first, last, readers, letters, list from members where id > ? order by id limit 1`, after).
			Scan(&p.id, &wave, &p.first, &p.last, &readers, &letters, &p.list)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		after = p.id
		if fault := p.fault(readers, letters); fault != "" && !tell(fmt.Sprintf("I4: wave %d, readers %d to %d: %s", wave, p.first, p.last, fault)) {
			return nil
		}
	}
}

// fault compares a list with what is said of it; "" is none.
func (p listed) fault(readers, letters int64) string {
	var first, last, n, with int64
	for m, err := range members(p.list) {
		if err != nil {
			return err.Error()
		}
		if n++; n == 1 {
			first = m.subscriber
		}
		last = m.subscriber
		if m.variant != 0 {
			with++
		}
	}
	if n != readers || with != letters || first != p.first || last != p.last {
		return fmt.Sprintf("the list holds %d readers from %d to %d with %d letters, and should hold %d with %d", n, first, last, with, readers, letters)
	}
	return ""
}

// checkTwice looks for readers who are in two waves of an issue, or twice in one
// (I6), some thousand ids at a time.
func (db *DB) checkTwice(ctx context.Context, tell func(string) bool, _ time.Time) error {
	issues, err := collect[int64](ctx, reader{db}, `/* invariants.twice */ select distinct issue from waves where published_at is not null order by issue`)
	if err != nil {
		return err
	}
	for _, issue := range issues {
		for low := int64(1); ; low += receiptPage {
			var next sql.NullInt64
			if err := (reader{db}).QueryRowContext(ctx, `/* invariants.twice */ select min(max(m.first, ?2)) from waves w join members m indexed by members_wave on m.wave = w.id
				where w.issue = ?1 and w.published_at is not null and m.last >= ?2`, issue, low).Scan(&next); err != nil {
				return err
			}
			if !next.Valid {
				break
			}
			low = next.Int64
			ids, err := db.membersBetween(ctx, issue, low, low+receiptPage-1)
			if err != nil {
				return err
			}
			for i := 1; i < len(ids); i++ {
				if ids[i] == ids[i-1] && !tell(fmt.Sprintf("I6: issue %d has subscriber %d twice", issue, ids[i])) {
					return nil
				}
			}
		}
	}
	return nil
}

// membersBetween returns the members of an issue's waves with ids from low to
// high, sorted, each as often as it is there.
func (db *DB) membersBetween(ctx context.Context, issue, low, high int64) (ids []int64, err error) {
	rows, err := (reader{db}).QueryContext(ctx, `/* invariants.between */ select m.list from waves w join members m indexed by members_wave on m.wave = w.id
		where w.issue = ? and w.published_at is not null and m.first <= ? and m.last >= ?`, issue, high, low)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var list sql.RawBytes
		if err := rows.Scan(&list); err != nil {
			return nil, err
		}
		for m, err := range members(list) {
			if err != nil || m.subscriber > high {
				break // a damaged list is told by checkLists
			}
			if m.subscriber >= low {
				ids = append(ids, m.subscriber)
			}
		}
	}
	slices.Sort(ids)
	return ids, rows.Err()
}
