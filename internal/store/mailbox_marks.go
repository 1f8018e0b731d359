package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Mark returns what was remembered of a message of a mailbox, or of the mailbox
// itself; ok is false where nothing was.
func (db *DB) Mark(ctx context.Context, source, mark string) (value string, ok bool, err error) {
	err = db.read.QueryRowContext(ctx, `/* mailbox_marks.Mark */ select value from mailbox_marks where source = ? and mark = ?`, source, mark).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("marks of %s: %w", source, err)
	}
	return value, true, nil
}

// SetMark remembers something of a mailbox, and returns after it is durable.
func (db *DB) SetMark(ctx context.Context, source, mark, value string, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(`/* mailbox_marks.SetMark */ insert into mailbox_marks (source, mark, value, at) values (?, ?, ?, ?)
			on conflict do update set value = excluded.value, at = excluded.at`, source, mark, value, now.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("marks of %s: %w", source, err)
	}
	return nil
}

// DropMarks forgets the messages of a mailbox that are not there any more.
func (db *DB) DropMarks(ctx context.Context, source string, gone func(mark string) bool) (err error) {
	rows, err := db.read.QueryContext(ctx, `/* mailbox_marks.DropMarks */ select mark from mailbox_marks where source = ?`, source)
	if err != nil {
		return fmt.Errorf("marks of %s: %w", source, err)
	}
	var drop []string
	for rows.Next() {
		var mark string
		if err := rows.Scan(&mark); err != nil {
			return errors.Join(fmt.Errorf("marks of %s: %w", source, err), rows.Close())
		}
		if gone(mark) && len(drop) < 1000 {
			drop = append(drop, mark)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(drop) == 0 {
		return err
	}
	return db.Write(ctx, func(tx *Tx) error {
		for _, mark := range drop {
			if _, err := tx.Exec(`/* mailbox_marks.DropMarks */ delete from mailbox_marks where source = ? and mark = ?`, source, mark); err != nil {
				return err
			}
		}
		return nil
	})
}
