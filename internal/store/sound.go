package store

import (
	"context"
	"fmt"
)

// QuickCheck lets SQLite look through the whole file, and returns up to ten
// faults of it, none for a database that is sound (PRAGMA quick_check).
func (db *DB) QuickCheck(ctx context.Context) ([]string, error) {
	found, err := collect[string](ctx, db.read, "pragma quick_check(10)")
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", db.path, err)
	}
	if len(found) == 1 && found[0] == "ok" {
		return nil, nil
	}
	return found, nil
}
