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
func migrate(ctx context.Context, conn *sql.Conn) error {
	var have int
	if err := conn.QueryRowContext(ctx, "pragma user_version").Scan(&have); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	newest := 0
	for _, name := range files {
		base := strings.TrimPrefix(name, "migrations/")
		n, err := strconv.Atoi(base[:4])
		if err != nil {
			return fmt.Errorf("migration %s: %w", base, err)
		}
		newest = max(newest, n)
		if n <= have {
			continue
		}
		text, err := migrations.ReadFile(name)
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

// step runs one migration. Another process may have been faster: the version
// is read again under the lock.
func step(ctx context.Context, conn *sql.Conn, n int, text string) (err error) {
	if _, err := conn.ExecContext(ctx, "begin immediate"); err != nil {
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
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("pragma user_version = %d", n)); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "commit")
	return err
}
