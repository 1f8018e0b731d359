package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// opener is the database that a copy of this test program opens, and nothing else.
const opener = "TIDINGS_TEST_OPENS"

func TestMain(m *testing.M) {
	if path := os.Getenv(opener); path != "" {
		os.Exit(openOnce(path, os.Getenv(opener+"_ONLY") == ""))
	}
	// Some tests open a file by SQLite alone, and the first lock decides for all.
	byOpenFile()
	os.Exit(m.Run())
}

// openOnce opens the database once its standard input ends.
func openOnce(path string, create bool) int {
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		fmt.Println(err)
		return 1
	}
	db, err := Open(context.Background(), path, create)
	if err == nil {
		err = db.Close()
	}
	if errors.Is(err, ErrNoDatabase) && !create {
		return 0 // it came before all others
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// openers starts processes that open the database at the same instant, one of
// them without the right to make it. It returns what they complained of.
func openers(t *testing.T, path string, n int) (complaints []string) {
	t.Helper()
	start, fire, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer start.Close()
	said := make([]strings.Builder, n)
	commands := make([]*exec.Cmd, n)
	for i := range commands {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), opener+"="+path)
		if i == 0 {
			cmd.Env = append(cmd.Env, opener+"_ONLY=1")
		}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = start, &said[i], &said[i]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		commands[i] = cmd
	}
	if err := fire.Close(); err != nil {
		t.Fatal(err)
	}
	for i, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			complaints = append(complaints, fmt.Sprintf("%v: %s", err, &said[i]))
		}
	}
	return complaints
}

func TestProcessesMayMakeADatabaseAtOnce(t *testing.T) {
	t.Parallel()
	for _, complaint := range openers(t, filepath.Join(t.TempDir(), "t.db"), 4) {
		t.Error(complaint)
	}
}

func TestProcessesMayBringADatabaseUpToDateAtOnce(t *testing.T) {
	t.Parallel()
	for _, complaint := range openers(t, written(t, "0013_feeds.sql"), 4) {
		t.Error(complaint)
	}
}

func TestOneProcessMayOpenADatabaseSeveralTimesAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	errs := make(chan error)
	for range 4 {
		go func() {
			db, err := Open(t.Context(), path, true)
			if err == nil {
				err = db.Close()
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// holding has another connection write to the database of that name, and returns
// what ends that.
func holding(t *testing.T, name string) (done func()) {
	t.Helper()
	pool, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); pool.Close() })
	if _, err := conn.ExecContext(t.Context(), "begin immediate"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(t.Context(), "rollback"); err != nil {
			t.Fatal(err)
		}
	}
}

// impatient is the context of somebody who gives up at once where he must wait.
func impatient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestOpenWaitsForWhoPreparesTheDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(impatient(t), path, false); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a file that is made and not written yet: %v", err)
	}
	done := holding(t, "file:"+path) // as if it were on the way to its log
	if _, err := Open(impatient(t), path, true); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a database that gets its log: %v", err)
	}
	done()
	db, err := Open(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestMigrationWaitsForThatOfAnotherProcess(t *testing.T) {
	t.Parallel()
	path := written(t, "0013_feeds.sql")
	conn := plainConn(t, path)
	// As if a step took longer than SQLite waits.
	if _, err := conn.ExecContext(t.Context(), "pragma busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	done := holding(t, dsn(path, false))
	if err := migrate(impatient(t), conn, migrations); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while another one migrates: %v", err)
	}
	done()
	if err := migrate(t.Context(), conn, migrations); err != nil {
		t.Error(err)
	}
}

func TestWhoWaitsForADatabaseIsToldWhyInTheEnd(t *testing.T) {
	t.Parallel()
	conn := bare(t)
	var path string
	if err := conn.QueryRowContext(t.Context(), "select file from pragma_database_list where name = 'main'").Scan(&path); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "pragma busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	defer holding(t, dsn(path, false))()
	tries := 0
	err := unlocked(t.Context(), 50*time.Millisecond, func() error {
		tries++
		_, err := conn.ExecContext(t.Context(), "begin immediate")
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "another process has kept the database busy for 50ms") || tries < 2 {
		t.Errorf("after %d tries: %v", tries, err)
	}
}
