package store

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"tidings.example/mailer"
)

// rowsTogether is how many rows one statement of an import holds; what is left over
// goes one by one.
const rowsTogether = 64

// lists is a list of n groups of parameters.
func lists(n int, group string) string { return strings.Repeat(group+", ", n-1) + group }

// acquaintance is what is known of an address of a list.
type acquaintance struct {
	address, hash string // the key, and its hash
	id            int64  // 0 of somebody who is suppressed and no subscriber
	state         mailer.SubscriberState
	subscribed    bool
	// confirmed and left are those of the digest.
	confirmed, left sql.NullInt64
	// reason is the strongest, reasons are all.
	reason  mailer.Reason
	reasons []mailer.Reason
}

// acquaintances returns what is known of the addresses of some rows, by key.
// Nothing is known of somebody new.
func acquaintances(ask asks, digest string, rows []*incoming) (map[string]*acquaintance, error) {
	known := map[string]*acquaintance{}
	for some := range slices.Chunk(rows, rowsTogether) {
		if err := knownSubscribers(ask, digest, some, known); err != nil {
			return nil, err
		}
		if err := knownSuppressions(ask, some, known); err != nil {
			return nil, err
		}
	}
	return known, nil
}

var (
	subscribersText = `/* import.known */ select u.address_key, u.hash, u.id, u.state, s.subscriber is not null, s.confirmed_at, s.left_at
		from subscribers u left join subscriptions s on s.subscriber = u.id and s.digest = ? where u.address_key in (` + lists(rowsTogether, "?") + `)`
	suppressionsText = `/* import.known */ select hash, reason from suppressions where hash in (` + lists(rowsTogether, "?") + `)`
)

// padded are the arguments of a text with room for more: the last one repeats.
func padded(args []any, rows []*incoming, value func(*incoming) any) []any {
	for i := range rowsTogether {
		args = append(args, value(rows[min(i, len(rows)-1)]))
	}
	return args
}

func knownSubscribers(ask asks, digest string, some []*incoming, known map[string]*acquaintance) (err error) {
	rows, err := ask(subscribersText, padded([]any{digest}, some, func(in *incoming) any { return in.Row.Address.Key })...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var k acquaintance
		if err := rows.Scan(&k.address, &k.hash, &k.id, &k.state, &k.subscribed, &k.confirmed, &k.left); err != nil {
			return err
		}
		known[k.address] = &k
	}
	return rows.Err()
}

func knownSuppressions(ask asks, some []*incoming, known map[string]*acquaintance) (err error) {
	rows, err := ask(suppressionsText, padded(nil, some, func(in *incoming) any { return in.hash })...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var hash string
		var reason mailer.Reason
		if err := rows.Scan(&hash, &reason); err != nil {
			return err
		}
		at := slices.IndexFunc(some, func(in *incoming) bool { return in.hash == hash })
		key := some[at].Row.Address.Key
		if known[key] == nil {
			known[key] = &acquaintance{address: key, hash: hash}
		}
		k := known[key]
		k.reasons = append(k.reasons, reason)
		if k.reason == "" || slices.Index(strongest, reason) < slices.Index(strongest, k.reason) {
			k.reason = reason
		}
	}
	return rows.Err()
}

// strongest are the reasons in the order in which they count.
var strongest = []mailer.Reason{mailer.SuppressedComplained, mailer.SuppressedOperator, mailer.SuppressedBounced, mailer.SuppressedErased, mailer.SuppressedUnsubscribed}

// enrol adds people whom nobody knows. Their numbers follow each other, so that
// subscriptions and consents are made of them by one statement each.
func (m *importing) enrol(tx *Tx, fresh []*incoming) error {
	if len(fresh) == 0 {
		return nil
	}
	var before int64
	if err := tx.QueryRow(`/* import.enrol */ select coalesce((select seq from sqlite_sequence where name = 'subscribers'), 0)`).Scan(&before); err != nil {
		return err
	}
	at := m.now.UnixMilli()
	next := before
	err := insertTogether(tx, fresh, `/* import.enrol */ insert into subscribers (id, address, address_key, hash, state, name, language, created_at, confirmed_at, changed_at) values `,
		"(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", func(args []any, in *incoming) []any {
			next++
			state, confirmed := mailer.Pending, any(nil)
			in.Outcome = mailer.Added
			if in.Active = m.o.Consent != "" && !in.Row.Pending; in.Active {
				state, confirmed = mailer.Active, at
			}
			a := in.Row.Address
			return append(args, next, a.Mailed, a.Key, in.hash, string(state), in.Row.Name, in.Row.Language, at, confirmed, at)
		})
	if err != nil {
		return err
	}
	n, err := changed(tx.Exec(`/* import.enrol */ insert into subscriptions (subscriber, digest, cursor, created_at, confirmed_at)
		select id, ?1, iif(?2, 0, (select coalesce(max(seq), 0) from releases)), ?3, confirmed_at from subscribers where id > ?4 and id <= ?5`,
		m.o.Digest, m.o.FromStart, at, before, next))
	if err == nil && n != len(fresh) {
		err = errMoved
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`/* import.enrol */ insert into consents (subscriber, hash, digest, kind, statement, at)
		select id, hash, ?1, 'import', iif(state = 'active', ?2, ''), ?3 from subscribers where id > ?4 and id <= ?5`,
		m.o.Digest, m.o.Consent, at, before, next)
	return err
}

// suppressNew suppresses addresses of which nothing is known.
func (m *importing) suppressNew(tx *Tx, barred []*incoming) error {
	at := m.now.UnixMilli()
	return insertTogether(tx, barred, `/* import.suppressNew */ insert into suppressions (hash, reason, address, note, at) values `, "(?, ?, ?, ?, ?)",
		func(args []any, in *incoming) []any {
			in.Outcome, in.Reason = mailer.Suppressed, in.Row.Suppress
			return append(args, in.hash, string(in.Row.Suppress), in.Row.Address.Mailed, in.Row.Note, at)
		})
}

// insertTogether inserts rows, many with a statement. values appends those of
// one row.
func insertTogether(tx *Tx, rows []*incoming, text, group string, values func([]any, *incoming) []any) error {
	many, one := text+lists(rowsTogether, group), text+group
	var args []any
	for len(rows) > 0 {
		n, stmt := rowsTogether, many
		if len(rows) < rowsTogether {
			n, stmt = 1, one
		}
		args = args[:0]
		for _, in := range rows[:n] {
			args = values(args, in)
		}
		if _, err := tx.Exec(stmt, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
