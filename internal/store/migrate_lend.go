package store

import (
	"context"
	"database/sql"

	"tidings.example/posts"
)

// lends holds what steps need and SQL cannot do: it runs before the step of
// that number, in the same transaction.
var lends = map[int]func(context.Context, *sql.Conn) error{9: foldAuthors}

// foldAuthors puts every author's name, and its folded form, into the temporary
// table folded.
func foldAuthors(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "/* store.foldAuthors */ create temporary table folded (name text primary key, fold text not null) strict"); err != nil {
		return err
	}
	names, err := collect[string](ctx, conn, `/* store.foldAuthors */ select distinct a.value ->> 'name' from posts p, json_each(p.authors) a
		where p.authors <> '[]' and coalesce(a.value ->> 'name', '') <> ''`)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := conn.ExecContext(ctx, "/* store.foldAuthors */ insert into folded (name, fold) values (?, ?)", name, posts.Fold(name)); err != nil {
			return err
		}
	}
	return nil
}
