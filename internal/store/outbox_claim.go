package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"tidings.example/mailer"
)

// Claim implements [mailer.Outbox].
func (db *DB) Claim(ctx context.Context, r mailer.ClaimRequest) ([]mailer.Letter, error) {
	if err := db.mayHandOut(); err != nil {
		return nil, fmt.Errorf("claim letters: %w", err)
	}
	var c claim
	var out int64
	err := db.Write(ctx, func(tx *Tx) (err error) {
		c = claim{tx: tx, r: r, seeds: map[int64]seed{}, senders: map[int64]string{}}
		if err := c.notices(); err != nil {
			return fmt.Errorf("notices: %w", err)
		}
		if err := c.deliveries(); err != nil {
			return fmt.Errorf("deliveries: %w", err)
		}
		out, err = handOut(tx, len(c.letters))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim letters: %w", err)
	}
	db.handedOut(out)
	for i := range c.letters {
		// Worked out while the writer does something else.
		if l := &c.letters[i]; !l.Notice {
			s := c.seeds[l.Issue]
			l.MessageID = mailer.MessageID(s.secret, l.Issue, l.Subscriber, s.domain)
		}
	}
	return c.letters, nil
}

// claim is one running claim.
type claim struct {
	tx      *Tx
	r       mailer.ClaimRequest
	letters []mailer.Letter
	seeds   map[int64]seed   // by issue
	senders map[int64]string // by variant
}

func (c *claim) now() int64 { return c.r.Now.UnixMilli() }

// lease takes up to n rows of a table that match where, oldest due first.
// where holds literals: a bound state would hide the index.
func (c *claim) lease(table, where string, n int, args ...any) ([]int64, error) {
	args = append([]any{c.r.Owner, c.r.Now.Add(c.r.Lease).UnixMilli(), c.now()}, args...)
	rows, err := c.tx.Query(`/* outbox.Claim */ update `+table+` set state = 'leased', owner = ?, fence = fence + 1, lease_until = ?, updated_at = ?
		where id in (select id from `+table+` where `+where+` and due_at <= ? order by due_at limit ?) returning id`, append(args, c.now(), n)...)
	if err != nil {
		return nil, err
	}
	return column(rows)
}

// column reads a column of ids.
func column(rows *sql.Rows) (ids []int64, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// share is the due letters of one published wave in one state.
type share struct {
	issue, wave int64
	where       string // "" takes letters that have no row yet
	empty       bool
}

// shares lists what is due, grouped by issue.
func (c *claim) shares() (map[int64][]*share, []int64, error) {
	rows, err := c.tx.Query(`/* outbox.Claim */ select issue, wave, 'queued', due from (`+queuedWaves+`) where due <= ?1
		union all select issue, wave, 'deferred', due from (`+deferredWaves+`) where due <= ?1
		union all select issue, wave, 'waiting', 0 from (`+waitingWaves+`) order by issue, due`, c.now())
	if err != nil {
		return nil, nil, err
	}
	by, order := map[int64][]*share{}, []int64(nil)
	for rows.Next() {
		var s share
		var state string
		var due int64
		if err := rows.Scan(&s.issue, &s.wave, &state, &due); err != nil {
			return nil, nil, errors.Join(err, rows.Close())
		}
		s.where = "state = '" + state + "' and wave = ?"
		if state == "waiting" {
			s.where = ""
		}
		if by[s.issue] == nil {
			order = append(order, s.issue)
		}
		by[s.issue] = append(by[s.issue], &s)
	}
	return by, order, errors.Join(rows.Err(), rows.Close())
}

// deliveries leases the same number from every issue as long as each has some.
func (c *claim) deliveries() error {
	left := c.r.Deliveries
	if left <= 0 {
		return nil
	}
	by, order, err := c.shares()
	if err != nil || len(order) == 0 {
		return err
	}
	start := int(c.now() % int64(len(order)))
	order = append(order[start:], order[:start]...)
	var ids []int64
	for took := true; took && left > 0; {
		took = false
		each := max(1, left/len(order))
		for _, issue := range order {
			want := min(each, left)
			for _, s := range by[issue] {
				if want == 0 || s.empty {
					continue
				}
				got, err := c.from(s, want)
				if err != nil {
					return err
				}
				s.empty = len(got) < want
				took = took || len(got) > 0
				want, left = want-len(got), left-len(got)
				ids = append(ids, got...)
			}
		}
	}
	return c.load(ids)
}

// from leases up to n letters of a share.
func (c *claim) from(s *share, n int) ([]int64, error) {
	if s.where != "" {
		return c.lease("deliveries", s.where, n, s.wave)
	}
	return taking{tx: c.tx, state: mailer.Leased, owner: c.r.Owner, until: c.r.Now.Add(c.r.Lease).UnixMilli(), now: c.now()}.take(s.wave, n)
}

// load reads the leased deliveries. What letters share is looked up once.
func (c *claim) load(ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	rows, err := c.tx.Query(`/* outbox.Claim */ select d.id, d.fence, d.issue, d.subscriber, d.variant, coalesce(s.address, ''), d.intent_at, d.attempts, d.suspect_at
		from json_each(?) j join deliveries d on d.id = j.value left join subscribers s on s.id = d.subscriber`, string(list))
	if err != nil {
		return err
	}
	from := len(c.letters)
	for rows.Next() {
		var l mailer.Letter
		var intent, suspect int64
		if err := rows.Scan(&l.ID, &l.Fence, &l.Issue, &l.Subscriber, &l.Variant, &l.To, &intent, &l.Attempts, &suspect); err != nil {
			return errors.Join(err, rows.Close())
		}
		l.Intent, l.Suspect = instant(intent), instant(suspect)
		c.letters = append(c.letters, l)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for i := range c.letters[from:] {
		if err := c.share(&c.letters[from+i]); err != nil {
			return err
		}
	}
	return nil
}

// share fills in what a delivery has from its issue and its variant.
func (c *claim) share(l *mailer.Letter) (err error) {
	s, known := c.seeds[l.Issue]
	if !known {
		if s, err = c.seed(l.Issue); err != nil {
			return fmt.Errorf("message id of issue %d: %w", l.Issue, err)
		}
		c.seeds[l.Issue] = s
	}
	l.Digest = s.digest
	if l.From, known = c.senders[l.Variant]; known {
		return nil
	}
	err = c.tx.QueryRow(`/* outbox.Claim */ select sender from variants where id = ?`, l.Variant).Scan(&l.From)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("variant %d: %w", l.Variant, err)
	}
	c.senders[l.Variant] = l.From
	return nil
}

// seed is what the Message-IDs of an issue are made of.
type seed struct {
	secret []byte
	domain string
	digest string // whose letters they are
}

// seed returns the issue's seed, fixing it at the issue's first claim.
func (c *claim) seed(issue int64) (s seed, err error) {
	err = c.tx.QueryRow(`/* outbox.Claim */ select digest from issues where id = ?`, issue).Scan(&s.digest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, err
	}
	row := c.tx.QueryRow(`/* outbox.Claim */ select k.secret, i.domain from issue_ids i join keys k on k.id = i.key where i.issue = ?`, issue)
	err = row.Scan(&s.secret, &s.domain)
	if !errors.Is(err, sql.ErrNoRows) {
		return s, err
	}
	key, err := c.key()
	if err != nil {
		return s, err
	}
	_, err = c.tx.Exec(`/* outbox.Claim */ insert into issue_ids (issue, key, domain) values (?, ?, ?)`, issue, key.id, c.r.Domain)
	return seed{key.secret, c.r.Domain, s.digest}, err
}

// secret is one row of keys.
type secret struct {
	id     int64
	secret []byte
}

// key returns the current key for Message-IDs, making the first one.
func (c *claim) key() (k secret, err error) {
	if err := newKey(c.tx, "message_id", c.r.Now); err != nil {
		return k, err
	}
	err = c.tx.QueryRow(`/* outbox.Claim */ select id, secret from keys where purpose = 'message_id' order by retired_at is not null, id desc limit 1`).Scan(&k.id, &k.secret)
	return k, err
}

// notices leases notices, oldest due first.
func (c *claim) notices() error {
	var ids []int64
	for _, state := range []mailer.DeliveryState{mailer.Queued, mailer.Deferred} {
		left := c.r.Notices - len(ids)
		if left <= 0 {
			break
		}
		got, err := c.lease("notices", "state = '"+string(state)+"'", left)
		if err != nil {
			return err
		}
		ids = append(ids, got...)
	}
	for _, id := range ids {
		l := mailer.Letter{LetterRef: mailer.LetterRef{Notice: true, ID: id}}
		var intent, suspect int64
		row := c.tx.QueryRow(`/* outbox.Claim */ select fence, subscriber, kind, recipient, letter, sender, message_id, intent_at, attempts, suspect_at from notices where id = ?`, id)
		if err := row.Scan(&l.Fence, &l.Subscriber, &l.Kind, &l.To, &l.Body, &l.From, &l.MessageID, &intent, &l.Attempts, &suspect); err != nil {
			return err
		}
		l.Intent, l.Suspect = instant(intent), instant(suspect)
		if l.MessageID == "" {
			k, err := c.key()
			if err != nil {
				return err
			}
			l.MessageID = mailer.NoticeID(k.secret, id, c.r.Domain)
			if _, err := c.tx.Exec(`/* outbox.Claim */ update notices set message_id = ? where id = ?`, l.MessageID, id); err != nil {
				return err
			}
		}
		c.letters = append(c.letters, l)
	}
	return nil
}
