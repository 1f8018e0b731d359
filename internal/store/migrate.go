package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema to the newest version, one transaction for each
// step: a kill in between leaves a whole older schema. PRAGMA user_version is
// the number of the last step. A newer schema than ours is refused.
func migrate(ctx context.Context, conn *sql.Conn, steps fs.FS) error {
	have, err := schema(ctx, conn)
	if err != nil {
		return err
	}
	files, err := fs.Glob(steps, "migrations/*.sql")
	if err != nil {
		return err
	}
	newest := 0
	for _, name := range files {
		base := strings.TrimPrefix(name, "migrations/")
		number, _, _ := strings.Cut(base, "_")
		n, err := strconv.Atoi(number)
		if err != nil {
			return fmt.Errorf("migration %s: %w", base, err)
		}
		if n <= newest {
			return fmt.Errorf("migration %s: there is another one of its number", base)
		}
		newest = n
		if n <= have {
			continue
		}
		text, err := fs.ReadFile(steps, name)
		if err != nil {
			return err
		}
		if err := step(ctx, conn, n, string(text)); err != nil {
			return fmt.Errorf("migration %s: %w", base, err)
		}
	}
	if have > newest {
		return fmt.Errorf("schema version %d is newer than this program's %d: use a newer tidings", have, newest)
	}
	return nil
}

// application marks a database as ours: "tidg".
const application = 0x74696467

// schema returns the number of the last migration. It refuses the database of
// another program.
func schema(ctx context.Context, conn *sql.Conn) (have int, err error) {
	var id, tables int
	// One look: another process may be migrating.
	if _, err := conn.ExecContext(ctx, "begin"); err != nil {
		return 0, err
	}
	defer func() {
		_, end := conn.ExecContext(context.WithoutCancel(ctx), "rollback")
		err = errors.Join(err, end)
	}()
	if err := conn.QueryRowContext(ctx, "pragma user_version").Scan(&have); err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	if err := conn.QueryRowContext(ctx, "pragma application_id").Scan(&id); err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	if id == application {
		return have, nil
	}
	if err := conn.QueryRowContext(ctx, "/* store.schema */ select count(*) from sqlite_schema").Scan(&tables); err != nil {
		return 0, fmt.Errorf("read schema: %w", err)
	}
	if have != 0 || tables != 0 || id != 0 {
		return 0, errForeign
	}
	return 0, nil
}

// step runs one migration. Another process may have been faster: the version
// is read again under the lock.
func step(ctx context.Context, conn *sql.Conn, n int, text string) (err error) {
	err = unlocked(ctx, stepPatience, func() error {
		_, err := conn.ExecContext(ctx, "begin immediate")
		return err
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, undo := conn.ExecContext(context.WithoutCancel(ctx), "rollback")
			err = errors.Join(err, undo)
		}
	}()
	var have int
	if err := conn.QueryRowContext(ctx, "pragma user_version").Scan(&have); err != nil {
		return err
	}
	if have < n {
		if lend := lends[n]; lend != nil {
			if err := lend(ctx, conn); err != nil {
				return err
			}
		}
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("pragma user_version = %d; pragma application_id = %d", n, application)); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "commit")
	return err
}
