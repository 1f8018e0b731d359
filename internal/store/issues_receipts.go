package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"tidings.example/mailer"
)

// Receipt is what became of one reader's letter of an issue.
type Receipt struct {
	Subscriber int64                `json:"subscriber"`
	Address    string               `json:"address"` // "" of an erased reader
	Erased     bool                 `json:"erased,omitempty"`
	State      mailer.DeliveryState `json:"state"`
	Cause      string               `json:"cause,omitempty"`
	Reply      string               `json:"reply,omitempty"` // the server's last
	// Changed is when the state became what it is; zero while the letter waits for
	// its turn, and of a letter that was sent weeks ago.
	Changed time.Time `json:"changed,omitzero"`
}

// receiptPage is how far WhoGot looks at once, in ids of subscribers.
const receiptPage = 4096

// WhoGot yields the letters of an issue in the order of the readers' ids: those
// that wait, those that are on their way, and those that were sent long ago. The
// letters of erased readers are there, their addresses are not.
func (db *DB) WhoGot(ctx context.Context, issue int64) iter.Seq2[Receipt, error] {
	return func(yield func(Receipt, error) bool) {
		for low := int64(1); ; low += receiptPage {
			page, err := db.receipts(ctx, issue, &low)
			if err != nil {
				yield(Receipt{}, fmt.Errorf("read the letters of issue %d: %w", issue, err))
				return
			}
			if page == nil {
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// receipts reads a page, after it moved low to where letters are; nil is the end.
func (db *DB) receipts(ctx context.Context, issue int64, low *int64) ([]Receipt, error) {
	var next sql.NullInt64
	if err := (reader{db}).QueryRowContext(ctx, `/* issues.WhoGot */ select min(n) from (
		select min(subscriber) n from (select subscriber from deliveries where id >= (?1 << 36) + ?2 and id < ?1 + 1 << 36 order by id limit 1)
		union all select min(max(m.first, ?2)) from waves w join members m indexed by members_wave on m.wave = w.id
		where w.issue = ?1 and w.published_at is not null and m.last >= ?2)`, issue, *low).Scan(&next); err != nil || !next.Valid {
		return nil, err
	}
	*low = next.Int64
	found, err := fates(db.asks(ctx), issue, *low, *low+receiptPage-1, 0, nil)
	if err != nil {
		return nil, err
	}
	addresses, err := db.addresses(ctx, *low, *low+receiptPage-1)
	if err != nil {
		return nil, err
	}
	out := []Receipt{}
	for _, f := range found {
		if f.state != "" {
			out = append(out, receipt(f, addresses[f.subscriber]))
		}
	}
	return out, nil
}

func receipt(f fate, address string) Receipt {
	return Receipt{Subscriber: f.subscriber, Address: address, Erased: address == "", State: f.state, Cause: f.cause, Reply: f.reply, Changed: instant(f.changed)}
}

// addresses reads the addresses of the subscribers with ids from low to high.
func (db *DB) addresses(ctx context.Context, low, high int64) (out map[int64]string, err error) {
	rows, err := (reader{db}).QueryContext(ctx, `/* issues.WhoGot */ select id, address from subscribers where id between ? and ?`, low, high)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[int64]string{}
	for rows.Next() {
		var id int64
		var address string
		if err := rows.Scan(&id, &address); err != nil {
			return nil, err
		}
		out[id] = address
	}
	return out, rows.Err()
}

// WhetherGot tells what became of one reader's letter of an issue; false where
// the reader was not among those who get it. The error is [ErrNoSubscriber]
// where nobody has the address: of an erased reader nothing ties it to a letter.
func (db *DB) WhetherGot(ctx context.Context, issue int64, a mailer.Address) (r Receipt, member bool, err error) {
	var id int64
	var address string
	err = db.read.QueryRowContext(ctx, `/* issues.WhetherGot */ select id, address from subscribers where address_key = ?`, a.Key).Scan(&id, &address)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, fmt.Errorf("%s: %w", a.Mailed, ErrNoSubscriber)
	}
	var found []fate
	if err == nil {
		found, err = fates(db.asks(ctx), issue, id, id, 0, nil)
	}
	if err != nil {
		return r, false, fmt.Errorf("read the letter of %s: %w", a.Mailed, err)
	}
	if len(found) == 0 || found[0].state == "" {
		return r, false, nil
	}
	return receipt(found[0], address), true, nil
}
