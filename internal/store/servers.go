package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tidings.example/mailer"
)

var _ mailer.ServerBook = (*DB)(nil)

// lettersKept is how long counts of letters are kept: more than a day.
const lettersKept = 26 * time.Hour

// Spent implements [mailer.ServerBook].
func (db *DB) Spent(ctx context.Context, server, domain string, since, now time.Time) (out []mailer.Spending, began time.Time, err error) {
	if err := db.catchUp(ctx, now); err != nil {
		return nil, began, fmt.Errorf("letters of server %s: %w", server, err)
	}
	began, err = db.began(ctx, server)
	if err != nil {
		return nil, began, err
	}
	rows, err := db.read.QueryContext(ctx, `/* servers.Spent */ select minute, letters from server_letters
		where server = ? and domain = ? and minute >= ? order by minute`, server, domain, since.Unix()/60)
	if err != nil {
		return nil, began, fmt.Errorf("letters of server %s: %w", server, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		s := mailer.Spending{Server: server, Domain: domain}
		if err := rows.Scan(&s.Minute, &s.Letters); err != nil {
			return nil, began, fmt.Errorf("letters of server %s: %w", server, err)
		}
		out = append(out, s)
	}
	return out, began, rows.Err()
}

// began is when the server took its first counted letter.
func (db *DB) began(ctx context.Context, server string) (time.Time, error) {
	at, err := collect[int64](ctx, db.read, `/* servers.began */ select began_at from servers where name = ?`, server)
	if err != nil || len(at) == 0 {
		return time.Time{}, err
	}
	return instant(at[0]), nil
}

// catchUp moves what a clock that ran ahead has noted to now: those letters
// went out, and not long ago.
func (db *DB) catchUp(ctx context.Context, now time.Time) error {
	minute := now.Unix() / 60
	ahead, err := collect[int64](ctx, db.read, `/* servers.catchUp */ select minute from server_letters where minute > ? limit 1`, minute)
	if err != nil || len(ahead) == 0 {
		return err
	}
	return db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`/* servers.catchUp */ insert into server_letters (server, domain, minute, letters)
			select server, domain, ?1, sum(letters) from server_letters where minute > ?1 group by server, domain
			on conflict do update set letters = letters + excluded.letters`, minute); err != nil {
			return err
		}
		if _, err := tx.Exec(`/* servers.catchUp */ update servers set began_at = ?1 where began_at > ?1`, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.Exec(`/* servers.catchUp */ delete from server_letters where minute > ?`, minute)
		return err
	})
}

// Spend implements [mailer.ServerBook].
func (db *DB) Spend(ctx context.Context, s mailer.Spending, now time.Time) error {
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`/* servers.Spend */ insert into server_letters (server, domain, minute, letters) values (?, ?, ?, max(0, ?4))
			on conflict do update set letters = max(0, letters + ?4)`, s.Server, s.Domain, s.Minute, s.Letters); err != nil {
			return err
		}
		if _, err := tx.Exec(`/* servers.Spend */ delete from server_letters where minute < ?`, now.Add(-lettersKept).Unix()/60); err != nil {
			return err
		}
		if s.Domain != "" || s.Letters <= 0 {
			return nil
		}
		_, err := tx.Exec(`/* servers.Spend */ insert into servers (name, began_at) values (?, ?)
			on conflict do update set began_at = excluded.began_at where began_at = 0`, s.Server, now.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("count letters of server %s: %w", s.Server, err)
	}
	return nil
}

// Stand implements [mailer.ServerBook].
func (db *DB) Stand(ctx context.Context, servers []mailer.ServerStatus) error {
	err := db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`/* servers.Stand */ update servers set used = 0 where used <> 0`); err != nil {
			return err
		}
		for _, s := range servers {
			domains, err := json.Marshal(append([]mailer.DomainStatus{}, s.Domains...))
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`/* servers.Stand */ insert into servers (name, stopped, limited, puts_off, tried, reason, since, next_at, took_at, connections, domains, used)
				values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) on conflict do update set stopped = excluded.stopped, limited = excluded.limited,
				puts_off = excluded.puts_off, tried = excluded.tried, reason = excluded.reason,
				since = excluded.since, next_at = excluded.next_at, took_at = excluded.took_at, connections = excluded.connections, domains = excluded.domains, used = 1`,
				s.Name, s.Stopped, s.Limited, s.PutsOff, s.Tried, s.Reason, stamp(s.Since), stamp(s.Next), stamp(s.Took), s.Limit, string(domains)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep how servers stand: %w", err)
	}
	return nil
}

// Servers returns how the servers in use stand, by name, as the process that
// sends has written it last.
func (db *DB) Servers(ctx context.Context) (out []mailer.ServerStatus, err error) {
	rows, err := db.read.QueryContext(ctx, `/* servers.Servers */ select name, stopped, limited, puts_off, tried, reason, since, next_at, took_at, connections, domains
		from servers where used <> 0 order by name`)
	if err != nil {
		return nil, fmt.Errorf("how servers stand: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s mailer.ServerStatus
		var since, next, took int64
		var domains string
		if err := rows.Scan(&s.Name, &s.Stopped, &s.Limited, &s.PutsOff, &s.Tried, &s.Reason, &since, &next, &took, &s.Limit, &domains); err != nil {
			return nil, fmt.Errorf("how servers stand: %w", err)
		}
		s.Since, s.Next, s.Took = instant(since), instant(next), instant(took)
		if err := json.Unmarshal([]byte(domains), &s.Domains); err != nil {
			return nil, fmt.Errorf("how server %s stands: %w", s.Name, err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
