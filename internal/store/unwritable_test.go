package store

import (
	"errors"
	"testing"
)

func TestAFullDatabaseTakesNoWriteNow(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	err := db.Write(t.Context(), func(tx *Tx) error {
		var pages int
		if err := tx.QueryRow("pragma max_page_count = 1").Scan(&pages); err != nil { // no more than there are
			return err
		}
		_, err := tx.Exec("insert into meta (key, value) values ('long', hex(zeroblob(1000000)))")
		return err
	})
	if err == nil || !Unwritable(err) || err.Error() != "the disk of the database is full: make room" {
		t.Errorf("a full database: %v", err)
	}
	if err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec("insert into meta (key, value) values ('twice', ''), ('twice', '')")
		return err
	}); err == nil || Unwritable(err) {
		t.Errorf("a row that is there: %v", err)
	}
	if Unwritable(errors.New("no")) || Unwritable(nil) {
		t.Error("any error is taken for a full disk")
	}
}
