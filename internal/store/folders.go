package store

import (
	"context"
	"fmt"
	"strings"
)

// Folders returns the folders that feeds of words have for good, with the
// folded word of each.
func (db *DB) Folders(ctx context.Context) (map[string]string, error) {
	rows, err := db.read.QueryContext(ctx, "/* folders.Folders */ select folder, word from folders")
	if err != nil {
		return nil, fmt.Errorf("read the folders of feeds: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var folder, word string
		if err := rows.Scan(&folder, &word); err != nil {
			return nil, fmt.Errorf("read the folders of feeds: %w", err)
		}
		out[folder] = word
	}
	return out, rows.Err()
}

// KeepFolders gives folders to words for good. A folder that another word has
// by now stays with that, and a word that has a folder by now keeps it.
func (db *DB) KeepFolders(ctx context.Context, folders map[string]string) error {
	err := db.Write(ctx, func(tx *Tx) error {
		for folder, word := range folders {
			kind, _, _ := strings.Cut(folder, "/")
			if _, err := tx.Exec("/* folders.KeepFolders */ insert into folders (kind, word, folder) values (?, ?, ?) on conflict do nothing", kind, word, folder); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the folders of feeds: %w", err)
	}
	return nil
}

// HasFeed tells whether documents were ever made in the folder.
func (db *DB) HasFeed(ctx context.Context, folder string) (bool, error) {
	found, err := collect[int64](ctx, db.read, "/* folders.HasFeed */ select 1 from feeds where feed = ?", folder)
	if err != nil {
		return false, fmt.Errorf("look for the feed %s: %w", folder, err)
	}
	return len(found) > 0, nil
}
