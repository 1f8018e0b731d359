package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"tidings.example/mailer"
)

// deliveryBits is the room of a subscriber's id in that of a delivery.
const deliveryBits = 36

// deliveryID is the id of the delivery of an issue to a subscriber.
func deliveryID(issue, subscriber int64) int64 { return issue<<deliveryBits | subscriber }

// fate is what became of one reader of an issue. The state is "" of a reader
// who got no letter.
type fate struct {
	member
	wave         int64
	state        mailer.DeliveryState
	cause, reply string
	changed      int64
	doubt        bool // it may have arrived, whatever the state says
}

// asks runs a query: of a write, or beside the writer.
type asks func(text string, args ...any) (*sql.Rows, error)

// asks reads beside the writer.
func (db *DB) asks(ctx context.Context) asks {
	return func(text string, args ...any) (*sql.Rows, error) { return reader{db}.QueryContext(ctx, text, args...) }
}

// fates returns the readers of an issue with ids from low to high, in their
// order: those of published waves, and of the unpublished one that is named, 0
// for none. A letter has a row, or it is queued because its wave did not come to
// it yet, or it was sent long ago. With among, those alone: a rhythm of few
// readers has ids that lie far apart, and a whole list between them.
func fates(ask asks, issue, low, high, unpublished int64, among func(subscriber int64) bool) (out []fate, err error) {
	if among == nil {
		among = func(int64) bool { return true }
	}
	out, err = rowFates(ask, issue, low, high, among)
	if err != nil {
		return nil, err
	}
	told := len(out)
	has := func(subscriber int64) bool {
		_, found := slices.BinarySearchFunc(out[:told], subscriber, func(f fate, id int64) int { return int(f.subscriber - id) })
		return found
	}
	rows, err := ask(`/* issues.fates */ select m.wave, w.waiting, m.list from waves w join members m indexed by members_wave on m.wave = w.id
		where w.issue = ? and (w.published_at is not null or w.id = ?) and m.first <= ? and m.last >= ?`, issue, unpublished, high, low)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var wave, waiting int64
		var list sql.RawBytes
		if err := rows.Scan(&wave, &waiting, &list); err != nil {
			return nil, err
		}
		for m, err := range members(list) {
			if err != nil {
				return nil, err
			}
			if m.subscriber > high {
				break
			}
			if m.subscriber < low || !among(m.subscriber) || has(m.subscriber) {
				continue
			}
			out = append(out, fate{member: m, wave: wave, state: virtual(m, waiting)})
		}
	}
	slices.SortFunc(out, func(a, b fate) int { return int(a.subscriber - b.subscriber) })
	return out, rows.Err()
}

// virtual is the state of a letter without a row.
func virtual(m member, waiting int64) mailer.DeliveryState {
	switch {
	case m.variant == 0:
		return ""
	case waiting > 0:
		return mailer.Queued
	}
	return mailer.Sent
}

// rowFates returns the letters that have a row.
func rowFates(ask asks, issue, low, high int64, among func(int64) bool) (out []fate, err error) {
	rows, err := ask(`/* issues.fates */ select subscriber, variant, wave, state, cause, reply, updated_at, doubt from deliveries
		where id between ? and ? order by id`, deliveryID(issue, low), deliveryID(issue, high))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var f fate
		if err := rows.Scan(&f.subscriber, &f.variant, &f.wave, &f.state, &f.cause, &f.reply, &f.changed, &f.doubt); err != nil {
			return nil, err
		}
		if among(f.subscriber) {
			out = append(out, f)
		}
	}
	return out, rows.Err()
}
