package main

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tidings.example/internal/dnstest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tidings": main})
}

// TestManual runs every script of testdata: the manual, executed.
func TestManual(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Values[serverOf{}] = new(*dnstest.Server)
			// With -race each command would wait a second at its end.
			e.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"database": database,
			"dns":      nameServer,
			"exitcode": exitcode,
			"json":     jsonOutput,
			"letter":   letterTo,
			"letters":  letters,
			"replace":  replace,
			"today":    today,
		},
	})
}

// exitcode CODE COMMAND ARG...: the command ends with that code.
func exitcode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE COMMAND ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = regexp.MustCompile(`\d+$`).FindString(err.Error())
	}
	if code != args[0] {
		ts.Fatalf("exit code %s (%v), want %s", code, err, args[0])
	}
}

// database DUMP FILE: what sqlite3 printed of a database becomes one again.
func database(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: database DUMP FILE")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[1]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(ts.ReadFile(args[0]))
	ts.Check(err)
}

// letters COUNT DIR: so many letters lie in the Maildirs below the folder.
func letters(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: letters COUNT DIR")
	}
	found, err := filepath.Glob(filepath.Join(ts.MkAbs(args[1]), "*", "new", "*"))
	ts.Check(err)
	if n := len(found); args[0] != strconv.Itoa(n) {
		ts.Fatalf("%d letters, want %s: %s", n, args[0], strings.Join(found, "\n"))
	}
}

// letter DIR ADDRESS PATTERN: a letter in the address's Maildir matches.
func letterTo(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: letter DIR ADDRESS PATTERN")
	}
	found, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), args[1], "new", "*"))
	ts.Check(err)
	matched := false
	for _, path := range found {
		text := strings.ReplaceAll(ts.ReadFile(path), "=\n", "") // quoted-printable folds lines
		matched = matched || regexp.MustCompile("(?m)"+args[2]).MatchString(text)
	}
	if matched == neg {
		ts.Fatalf("%d letters to %s, %q found: %t", len(found), args[1], args[2], matched)
	}
}

// json: the last command printed one JSON value and nothing else.
func jsonOutput(ts *testscript.TestScript, neg bool, args []string) {
	if out := ts.ReadFile("stdout"); neg || len(args) != 0 || !json.Valid([]byte(out)) {
		ts.Fatalf("no JSON: %s", out)
	}
}

// today FILE: TODAY in the file becomes this day in UTC, for posts that are new.
func today(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: today FILE")
	}
	replace(ts, false, []string{args[0], "TODAY", time.Now().UTC().Format("2006-01-02")})
}

// replace FILE OLD NEW: changes text in a file.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	path := ts.MkAbs(args[0])
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
}
