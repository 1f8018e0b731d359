package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tidings.example/mailer"
)

// take notes the verdict and does what follows from it.
func (t *judging) take() (effect mailer.ReturnedEffect, err error) {
	if err := t.note(); err != nil {
		return "", err
	}
	switch t.v.Kind {
	case mailer.ReturnedHard, mailer.ReturnedBare, mailer.ReturnedSoft, mailer.ReturnedPolicy:
		effect, err = t.bounced()
	case mailer.ReturnedComplaint:
		effect, err = t.complained()
	case mailer.ReturnedLeave:
		effect, err = t.left()
	case mailer.ReturnedForAPerson:
		effect = mailer.EffectKept
	default:
		effect = mailer.EffectNone
	}
	if err != nil {
		return "", err
	}
	_, err = t.tx.Exec(`/* returned.take */ update bounces set verdict = ? where id = ?`, effect, t.row)
	return effect, err
}

// note writes the report down. Of an erased reader nothing is kept that could
// name them.
func (t *judging) note() error {
	v := t.v
	if v.Origin.Subscriber != 0 && t.id == 0 {
		v.Reply, v.From, v.Subject = "", "", ""
	}
	var message any
	if v.Message != nil {
		message = v.Message
	}
	letter := t.letter
	if v.Origin.Notice != 0 {
		letter = v.Origin.Notice
	}
	if v.Kind == mailer.ReturnedHard || v.Kind == mailer.ReturnedBare {
		if _, err := t.tx.Exec(`/* returned.note */ update issues set returned = returned + 1 where id = ?`, v.Origin.Issue); err != nil {
			return err
		}
	}
	return t.tx.QueryRow(`/* returned.note */ insert into bounces (subscriber, address, notice, letter, kind, reply, verdict, at, source, issue, proof, status, author, subject, message, mark, was)
		values (?, ?, ?, ?, ?, ?, 'none', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`,
		v.Origin.Subscriber, t.to, v.Origin.Notice != 0, letter, v.Kind, v.Reply, t.now.UnixMilli(), v.Source, v.Origin.Issue, v.Origin.Proof, v.Status, v.From, v.Subject,
		message, v.Mark, t.person.state).Scan(&t.row)
}

// bounced closes the letter as one that came back, and judges its address.
func (t *judging) bounced() (mailer.ReturnedEffect, error) {
	if err := t.close(); err != nil {
		return "", err
	}
	switch {
	case t.id == 0:
		return mailer.EffectErased, nil
	case t.v.Kind == mailer.ReturnedPolicy:
		return mailer.EffectNone, nil
	case t.stale:
		return mailer.EffectStale, nil
	}
	if t.v.Kind == mailer.ReturnedSoft {
		hard, err := softTooOften(t.tx, t.to, t.now.UnixMilli())
		if err != nil || !hard {
			return mailer.EffectCounted, err
		}
	}
	if t.v.Kind == mailer.ReturnedBare {
		again, err := bareBefore(t.tx, t.to, t.row, t.now.UnixMilli())
		if err != nil || !again {
			return mailer.EffectCounted, err
		}
	}
	flood, err := t.flood()
	switch {
	case err != nil:
		return "", err
	case flood != "":
		return flood, nil
	}
	return mailer.EffectSuppressed, suppressBounced(t.tx, t.id, t.address, t.now.UnixMilli())
}

// close writes into the letter's row that it came back. A folded one has none.
func (t *judging) close() error {
	if t.letter == 0 {
		return nil
	}
	reply := t.v.Reply
	if t.id == 0 {
		reply = ""
	}
	_, err := t.tx.Exec(`/* returned.close */ update `+table(t.v.Origin.Notice != 0)+` set state = 'bounced', cause = ?, reply = ?, owner = '', lease_until = 0, fence = fence + 1, updated_at = ?
		where id = ? and state in ('sent', 'unknown', 'inflight')`, "came back: "+string(t.v.Kind)+" bounce", reply, t.now.UnixMilli(), t.letter)
	return err
}

// The part of an issue's letters that may come back for good: more say more
// about us, or the list, than about the readers.
const (
	floodFew  = 3
	floodPart = 5
)

// flood tells whether too many letters of the issue came back to believe that
// the readers are to blame; once the owner has said who is, that holds. It looks
// at no other bounce than one of each verdict, however many there are.
func (t *judging) flood() (effect mailer.ReturnedEffect, err error) {
	if t.v.Origin.Issue == 0 {
		return "", nil
	}
	err = t.tx.QueryRow(`/* returned.flood */ select case
		when exists (select 1 from bounces where issue = ?1 and issue <> 0 and verdict = 'blamed') then 'blamed'
		when exists (select 1 from bounces where issue = ?1 and issue <> 0 and verdict = 'believed') then ''
		when returned > ?2 and returned * ?3 > (select coalesce(sum(letters), 0) from waves where issue = ?1 and published_at is not null) then 'held'
		else '' end from issues where id = ?1`, t.v.Origin.Issue, floodFew, floodPart).Scan(&effect)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return effect, err
}

// hold takes back the suppressions that came of an issue, some in a commit. What
// a crash leaves is found when the report is handed in again.
func (db *DB) hold(ctx context.Context, issue int64, now time.Time) error {
	p := newPace(heldTogether)
	for after := int64(0); ; {
		ids, err := collect[int64](ctx, reader{db}, `/* returned.hold */ select id from bounces where issue = ? and issue <> 0 and id > ? and verdict = 'suppressed'
			and kind in ('hard', 'bare', 'soft') order by id limit ?`, issue, after, p.size)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		if err := db.writePaced(ctx, p, func(tx *Tx) error { return holdSome(tx, ids, now.UnixMilli()) }); err != nil {
			return err
		}
	}
}

func holdSome(tx *Tx, ids []int64, now int64) error {
	for _, id := range ids {
		// What else speaks against the address stays, and so does what the person
		// has done since.
		n, err := changed(tx.Exec(`/* returned.hold */ delete from suppressions where reason = 'bounced' and hash = (select s.hash from subscribers s join bounces b on b.subscriber = s.id and b.address = s.address where b.id = ?1)
			and at = (select at from bounces where id = ?1)`, id))
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := tx.Exec(`/* returned.hold */ update subscribers set state = b.was, changed_at = ?2 from bounces b
			where b.id = ?1 and subscribers.id = b.subscriber and subscribers.state = 'bounced' and b.was in ('pending', 'active', 'paused')`, id, now); err != nil {
			return err
		}
		if _, err := tx.Exec(`/* returned.hold */ update bounces set verdict = 'held' where id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

// complained keeps the address from being mailed, for ever: that of the letter,
// where the reader has another one by now.
func (t *judging) complained() (mailer.ReturnedEffect, error) {
	if t.id == 0 {
		return mailer.EffectErased, nil
	}
	if t.stale && t.to == "" {
		return mailer.EffectStale, nil
	}
	a, err := mailer.ParseAddress(t.to)
	if err != nil {
		return mailer.EffectStale, nil // it was mailed: it cannot be
	}
	h, err := newHasher(t.tx, t.now)
	if err != nil {
		return "", err
	}
	return mailer.EffectSuppressed, suppress(t.tx, h, a, mailer.SuppressedComplained, t.v.Reply, t.now)
}

// left ends the subscription that the mail was about.
func (t *judging) left() (mailer.ReturnedEffect, error) {
	if t.id == 0 {
		return mailer.EffectErased, nil
	}
	return mailer.EffectUnsubscribed, leave(t.tx, t.person, t.v.Digest, t.now)
}

// softTooOften tells whether an address had soft bounces on so many days that they
// are a hard one.
func softTooOften(tx *Tx, address string, now int64) (bool, error) {
	var days int
	err := tx.QueryRow(`/* returned.softTooOften */ select count(distinct at / ?) from bounces where address = ? and kind = 'soft' and at > ?`, day, address, now-memory).Scan(&days)
	return days >= softDays, err
}

// bareBefore tells whether an address was refused without a reason before.
func bareBefore(tx *Tx, address string, row, now int64) (bool, error) {
	var before int
	err := tx.QueryRow(`/* returned.bareBefore */ select count(*) from bounces b join bounces x on x.id = ?2
		where b.address = ?1 and b.kind = 'bare' and b.verdict = 'counted' and b.at > ?3 and (b.letter <> x.letter or b.notice <> x.notice or b.issue <> x.issue)`, address, row, now-memory).Scan(&before)
	return before > 0, err
}

// suppressBounced keeps an address from being mailed because letters to it come
// back; only while it is still the subscriber's.
func suppressBounced(tx *Tx, subscriber int64, address string, now int64) error {
	if _, err := tx.Exec(`/* returned.suppressBounced */ insert into suppressions (hash, reason, address, at)
		select hash, 'bounced', address, ? from subscribers where id = ? and address = ?
		on conflict do update set at = excluded.at`, now, subscriber, address); err != nil {
		return err
	}
	_, err := tx.Exec(`/* returned.suppressBounced */ update subscribers set state = 'bounced', changed_at = ?
		where id = ? and address = ? and state in ('pending', 'active', 'paused')`, now, subscriber, address)
	return err
}
