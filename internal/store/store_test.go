package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestOpenRefusesWhatIsNoWholeDatabase(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "good.db")
	db, err := Open(t.Context(), good, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	bytes, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	other, err := sql.Open("sqlite", "file:"+foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec("create table bookmarks (url text)"); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	alien, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		content    []byte
	}{
		{"empty", "is empty: restore a backup", nil},
		{"text", "is not a database", []byte(strings.Repeat("hello ", 100))},
		{"short", "is not a database", []byte("SQLite format 3\x00")},
		{"cut in the middle", "is cut short", bytes[:len(bytes)/2]},
		{"one byte less", "is cut short", bytes[:len(bytes)-1]},
		{"of another program", "the database of another program", alien},
	} {
		path := filepath.Join(t.TempDir(), "tidings.db")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, create := range []bool{false, true} {
			if create && c.content == nil {
				continue
			}
			if _, err := Open(t.Context(), path, create); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: error %v, want %q", c.name, err, c.want)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(c.content) {
			t.Errorf("%s: the file was changed (%d bytes, %v)", c.name, len(got), err)
		}
	}
}

func TestOpenMakesADatabaseOnlyWhenTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "folder", "ti dings?#%25 数据.db")
	if _, err := Open(t.Context(), path, false); !errors.Is(err, ErrNoDatabase) {
		t.Fatalf("error %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the folder was made: %v", err)
	}
	for _, create := range []bool{true, false, true} {
		db, err := Open(t.Context(), path, create)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: others may read addresses", info.Mode(), err)
	}
}

func TestPragmasHoldOnEveryConnection(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	for name, pool := range map[string]*sql.DB{"read": db.read} {
		for range 3 {
			conn, err := pool.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			for pragma, want := range map[string]string{"foreign_keys": "1", "busy_timeout": "5000", "journal_mode": "wal", "synchronous": "2", "query_only": "1"} {
				var got string
				if err := conn.QueryRowContext(t.Context(), "pragma "+pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s: %s is %s, want %s, %v", name, pragma, got, want, err)
				}
			}
			if _, err := conn.ExecContext(t.Context(), "delete from posts"); err == nil {
				t.Errorf("%s: a reader could write", name)
			}
		}
	}
	err := db.Write(t.Context(), func(tx *Tx) error {
		for pragma, want := range map[string]string{"foreign_keys": "1", "journal_mode": "wal", "synchronous": "2", "query_only": "0"} {
			var got string
			if err := tx.QueryRow("pragma " + pragma).Scan(&got); err != nil || got != want {
				return fmt.Errorf("writer: %s is %s, want %s, %w", pragma, got, want, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// bare opens a connection to a new file without any schema.
func bare(t *testing.T) *sql.Conn {
	t.Helper()
	return plainConn(t, filepath.Join(t.TempDir(), "bare.db"))
}

// plainConn is a connection to a database below [DB].
func plainConn(t *testing.T, path string) *sql.Conn {
	t.Helper()
	pool, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func version(t *testing.T, conn *sql.Conn) (n, tables int) {
	t.Helper()
	if err := conn.QueryRowContext(t.Context(), "pragma user_version").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRowContext(t.Context(), "select count(*) from sqlite_schema where type = 'table' and name not like 'sqlite_%'").Scan(&tables); err != nil {
		t.Fatal(err)
	}
	return n, tables
}

func TestMigrationThatFailsLeavesAWholeOlderSchema(t *testing.T) {
	t.Parallel()
	conn := bare(t)
	steps := fstest.MapFS{
		"migrations/0001_one.sql": {Data: []byte("create table one (a integer) strict;")},
		"migrations/0002_two.sql": {Data: []byte("create table two (a integer) strict; insert into two values (1); create table three (a nonsense) strict;")},
	}
	if err := migrate(t.Context(), conn, steps); err == nil || !strings.Contains(err.Error(), "0002_two.sql") {
		t.Fatalf("error %v", err)
	}
	if n, tables := version(t, conn); n != 1 || tables != 1 {
		t.Fatalf("version %d with %d tables", n, tables)
	}
	steps["migrations/0002_two.sql"] = &fstest.MapFile{Data: []byte("create table two (a integer) strict; insert into two values (1);")}
	for range 2 {
		if err := migrate(t.Context(), conn, steps); err != nil {
			t.Fatal(err)
		}
	}
	if n, tables := version(t, conn); n != 2 || tables != 2 {
		t.Errorf("version %d with %d tables", n, tables)
	}
}

func TestMigrationBrokenOffIsContinued(t *testing.T) {
	t.Parallel()
	conn := bare(t)
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	// As if the process had been killed after each step in turn.
	for n := range files {
		steps := fstest.MapFS{}
		for _, name := range files[:n+1] {
			text, err := migrations.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			steps[name] = &fstest.MapFile{Data: text}
		}
		if err := migrate(t.Context(), conn, steps); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := migrate(ctx, bare(t), migrations); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	whole := bare(t)
	if err := migrate(t.Context(), whole, migrations); err != nil {
		t.Fatal(err)
	}
	schema := func(conn *sql.Conn) string {
		out, err := collect[string](t.Context(), conn, "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_schema order by 1")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(out, "\n")
	}
	if schema(conn) != schema(whole) {
		t.Error("step by step and at once give different schemas")
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	if err := db.Write(t.Context(), func(tx *Tx) error { _, err := tx.Exec("pragma user_version = 9999"); return err }); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), db.Path(), false); err == nil || !strings.Contains(err.Error(), "newer than this program") {
		t.Errorf("error %v", err)
	}
}

func TestLibcIsTheVersionThatSQLiteNames(t *testing.T) {
	t.Parallel()
	list := func(format, module string) string {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", format, module)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list -m %s: %v", module, err)
		}
		return strings.TrimSpace(string(out))
	}
	mod, err := os.ReadFile(list("{{.GoMod}}", "modernc.org/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for line := range strings.Lines(string(mod)) {
		if fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require ")); len(fields) >= 2 && fields[0] == "modernc.org/libc" {
			want = fields[1]
		}
	}
	if have := list("{{.Version}}", "modernc.org/libc"); want == "" || have != want {
		t.Errorf("modernc.org/libc is %s, and modernc.org/sqlite was made for %s", have, want)
	}
}
