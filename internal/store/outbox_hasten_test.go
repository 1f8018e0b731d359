package store

import (
	"testing"
)

func TestAClockThatIsADayBackDelaysNoLetterByADay(t *testing.T) {
	t.Parallel()
	db := outboxed(t, 3)
	if len(claimed(t, db, "me", 3)) != 3 {
		t.Fatal("no letters")
	}
	err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(`update deliveries set state = 'deferred', cause = 'later', owner = '', due_at = ?1 + iif(subscriber = 1000, 4, 28) * 3600000`, at.UnixMilli())
		return err
	})
	if err == nil {
		err = db.Hasten(t.Context(), at)
	}
	if err != nil {
		t.Fatal(err)
	}
	if due, err := db.NextDue(t.Context()); err != nil || !due.Equal(at) {
		t.Errorf("the next is due at %s, %v", due, err)
	}
	if got := text(t, db, `select count(*) from deliveries where due_at > `+text(t, db, `select min(due_at) from deliveries`)); got != "1" {
		t.Errorf("%s letters wait as they did", got)
	}
}
