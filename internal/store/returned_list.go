package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

// ReturnedMail is one refusal of a server, or one message that came in.
type ReturnedMail struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Source string    `json:"source"` // answer: what a server said to the letter itself
	Kind   string    `json:"kind"`
	Effect string    `json:"effect"`
	// Address is the reader's, "" where nobody is known or they were erased.
	Address string `json:"address"`
	// Issue is the number that readers see, 0 where it is about none.
	Issue   int64  `json:"issue,omitempty"`
	Notice  bool   `json:"notice,omitempty"`
	Proof   string `json:"proof,omitempty"`
	Status  string `json:"status,omitempty"`
	Reply   string `json:"reply,omitempty"`
	From    string `json:"from,omitempty"`
	Subject string `json:"subject,omitempty"`
}

// ReturnedFilter picks from what came back; zero fields pick all.
type ReturnedFilter struct {
	Address, Kind string
	Limit         int
	// Untold picks complaints that the owner was not told of.
	Untold bool
}

const returnedColumns = `select b.id, b.at, iif(b.source = '', 'answer', b.source), b.kind, b.verdict, b.address, b.notice, b.proof, b.status, b.reply, b.author, b.subject,
	coalesce((select i.number from issues i where i.id = iif(b.issue <> 0, b.issue, (select d.issue from deliveries d where b.notice = 0 and d.id = b.letter))), 0) from bounces b `

// Returned lists what came back, newest first.
func (db *DB) Returned(ctx context.Context, f ReturnedFilter) (out []ReturnedMail, err error) {
	address := f.Address
	if a, err := mailer.ParseAddress(address); err == nil {
		address = a.Mailed
	}
	rows, err := db.read.QueryContext(ctx, `/* returned.Returned */ `+returnedColumns+`where (?1 = '' or b.address = ?1 collate nocase) and (?2 = '' or b.kind = ?2)
		and (not ?3 or b.kind = 'complaint' and b.told_at = 0) order by b.id desc limit ?4`, address, f.Kind, f.Untold, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list what came back: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m ReturnedMail
		var at int64
		if err := rows.Scan(&m.ID, &at, &m.Source, &m.Kind, &m.Effect, &m.Address, &m.Notice, &m.Proof, &m.Status, &m.Reply, &m.From, &m.Subject, &m.Issue); err != nil {
			return nil, fmt.Errorf("list what came back: %w", err)
		}
		m.At = instant(at)
		out = append(out, m)
	}
	return out, rows.Err()
}

// ReturnedMessage is the beginning of a message that was kept for a person; nil
// where none was.
func (db *DB) ReturnedMessage(ctx context.Context, id int64) (text []byte, err error) {
	err = db.read.QueryRowContext(ctx, `/* returned.ReturnedMessage */ select max(message) from bounces where id = ?`, id).Scan(&text)
	if err != nil {
		return nil, fmt.Errorf("message %d: %w", id, err)
	}
	return text, nil
}

// ToldReturned notes that a letter to the owner tells of these complaints.
func (db *DB) ToldReturned(ctx context.Context, told []ReturnedMail, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		for _, m := range told {
			if _, err := tx.Exec(`/* returned.ToldReturned */ update bounces set told_at = ? where id = ?`, now.UnixMilli(), m.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note that the owner was told: %w", err)
	}
	return nil
}

// SuspectIssue is an issue of which so many letters came back that nobody was
// suppressed for it.
type SuspectIssue struct {
	Number, Letters, Returned int64
	Digest                    string
}

// SuspectIssues lists the issues whose bounces wait for the owner's word.
func (db *DB) SuspectIssues(ctx context.Context) (out []SuspectIssue, err error) {
	rows, err := db.read.QueryContext(ctx, `/* returned.SuspectIssues */ select coalesce(i.number, 0), i.digest, h.n, (select coalesce(sum(letters), 0) from waves w where w.issue = i.id and w.published_at is not null)
		from (select issue, count(*) n from bounces where verdict = 'held' group by issue) h join issues i on i.id = h.issue order by i.id`)
	if err != nil {
		return nil, fmt.Errorf("issues that came back: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var h SuspectIssue
		if err := rows.Scan(&h.Number, &h.Digest, &h.Returned, &h.Letters); err != nil {
			return nil, fmt.Errorf("issues that came back: %w", err)
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

// SettleReturned ends the waiting of an issue's bounces: believe suppresses
// their readers, else they are blamed on the server. It counts the addresses.
// Bounces of the issue that come later follow the same word.
func (db *DB) SettleReturned(ctx context.Context, issue int64, believe bool, now time.Time) (n int, err error) {
	verdict := mailer.EffectBlamed
	if believe {
		verdict = mailer.EffectBelieved
	}
	p := newPace(heldTogether)
	for some := 1; some > 0 && err == nil; n += some {
		some = 0
		err = db.writePaced(ctx, p, func(tx *Tx) (err error) {
			some, err = settleSome(tx, issue, verdict, p.size, now.UnixMilli())
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("settle the bounces of an issue: %w", err)
	}
	return n, nil
}

// heldTogether is how many bounces are judged in one commit at first: of a large
// list there are hundreds of thousands.
const heldTogether = 200

// settleSome ends the waiting of a few.
func settleSome(tx *Tx, issue int64, verdict mailer.ReturnedEffect, limit int, now int64) (n int, err error) {
	rows, err := tx.Query(`/* returned.SettleReturned */ select id, subscriber, 0, 0, address, kind from bounces indexed by bounces_held
		where issue = ? and verdict = 'held' limit ?`, issue, limit)
	if err != nil {
		return 0, err
	}
	held, err := scanWaiting(rows)
	if err != nil {
		return 0, err
	}
	for _, b := range held {
		if verdict == mailer.EffectBelieved {
			if err := suppressBounced(tx, b.subscriber, b.address, now); err != nil {
				return 0, err
			}
		}
		if _, err := tx.Exec(`/* returned.SettleReturned */ update bounces set verdict = ? where id = ?`, verdict, b.id); err != nil {
			return 0, err
		}
	}
	return len(held), nil
}

// returnedFor is how long messages are remembered that changed nothing; bounces
// and complaints stay.
const returnedFor = 90 * day

// ForgetReturned drops some of the old messages that changed nothing.
func (db *DB) ForgetReturned(ctx context.Context, now time.Time) error {
	// Looked for outside of the writer: bounces stay for ever, and are many.
	old, err := collect[int64](ctx, reader{db}, `/* returned.ForgetReturned */ select id from bounces
		where kind in ('delayed', 'relayed', 'not-spam', 'auto-reply', 'challenge', 'unproven', 'other') and at < ? order by id limit 1000`, now.UnixMilli()-returnedFor)
	if err == nil && len(old) > 0 {
		err = db.Write(ctx, func(tx *Tx) error { return deleteBounces(tx, old) })
	}
	if err != nil {
		return fmt.Errorf("forget old mail: %w", err)
	}
	return nil
}

func deleteBounces(tx *Tx, ids []int64) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`/* returned.deleteBounces */ delete from bounces where id in (select value from json_each(?))`, string(list))
	return err
}
