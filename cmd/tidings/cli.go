package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"tidings.example/internal/config"
	"tidings.example/internal/store"
)

// grammar is the one table that help, completion and manual are made from.
type grammar struct {
	Config string `short:"c" placeholder:"FILE" default:"tidings.toml" env:"TIDINGS_CONFIG" help:"The file of configuration."`
	JSON   bool   `name:"json" help:"Print JSON on standard output."`

	Demo        demoCmd        `cmd:"" help:"Everything at once on a sample blog, in a temporary folder."`
	Init        initCmd        `cmd:"" help:"Write a configuration for a blog and make the database."`
	Adopt       adoptCmd       `cmd:"" help:"Take over the ids of the feed that readers have now."`
	Scan        scanCmd        `cmd:"" help:"Look for posts that are new, edited or gone."`
	Build       buildCmd       `cmd:"" help:"Bring the files of the feeds up to date."`
	Feeds       feedsCmd       `cmd:"" help:"List the feeds: what they hold and where they are."`
	Posts       postsCmd       `cmd:"" help:"Show what the ledger knows of posts."`
	Check       checkCmd       `cmd:"" help:"Judge configuration, templates and posts, offline."`
	Send        sendCmd        `cmd:"" help:"Make and send an issue of a newsletter now."`
	Run         runCmd         `cmd:"" help:"One round: scan, feeds, letters that are due; then end."`
	Serve       serveCmd       `cmd:"" help:"The daemon: scheduler, web and sending."`
	Status      statusCmd      `cmd:"" help:"What was done, what is due, queued and paused."`
	Subscribers subscribersCmd `cmd:"" help:"Who gets letters."`
	Issues      issuesCmd      `cmd:"" help:"What went out."`
	Bounces     bouncesCmd     `cmd:"" help:"What came back."`
	Backup      backupCmd      `cmd:"" help:"Copy the database, while a daemon works, too."`
	Restore     restoreCmd     `cmd:"" help:"Put a backup in the place of the database."`
	Resume      resumeCmd      `cmd:"" help:"Let a restored, copied or moved database mail again."`
	Doctor      doctorCmd      `cmd:"" help:"Look at what letters depend on: DNS, mail server, pages, disk, database."`
	Keys        keysCmd        `cmd:"" help:"The keys that sign letters, and the DNS records of the domain."`
	Config_     configCmd      `cmd:"" name:"config" help:"Print the configuration in force, secrets hidden."`
	Completion  completionCmd  `cmd:"" help:"Print a completion script for a shell."`
	Man         manCmd         `cmd:"" help:"Print the manual page, for man -l."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// The exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2 // usage or configuration
	exitPartly   = 3
	exitFindings = 4
	exitNoData   = 10
	exitLocked   = 11
	exitAgain    = 75
)

// exitError is an error with an exit code of its own. A nil err says nothing
// more than was printed already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// shell is what a command sees of the world.
type shell struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	now      func() time.Time
	terminal bool // standard error is one
	args     *grammar
	model    *kong.Kong
}

// system is the shell of a real process.
func system() *shell {
	now, err := newClock(os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tidings:", err)
		os.Exit(exitUsage)
	}
	return &shell{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: now,
		terminal: term.IsTerminal(int(os.Stderr.Fd()))}
}

// description is the first thing that help says.
const description = "Turns a blog into feeds and newsletters: reads its posts, keeps RSS, Atom and JSON feeds of them, and mails digests to subscribers. Start with: tidings demo"

// parser builds the parser of the grammar.
func parser(g *grammar, sh *shell, exit func(int)) (*kong.Kong, error) {
	return kong.New(g, kong.Name("tidings"), kong.Description(description), kong.Writers(sh.out, sh.err), kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}), kong.Vars{"version": version()})
}

// helped unwinds kong after it printed help, instead of ending the process.
type helped int

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, sh *shell) (code int) {
	g := &grammar{}
	sh.args = g
	k, err := parser(g, sh, func(code int) { panic(helped(code)) })
	if err != nil {
		fmt.Fprintln(sh.err, "tidings:", err)
		return exitFailed
	}
	sh.model = k
	defer func() {
		if p := recover(); p != nil {
			h, ok := p.(helped)
			if !ok {
				panic(p)
			}
			code = int(h)
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := k.Parse(args)
	if err != nil {
		sh.note("tidings: %s\nTry: tidings --help", plainUsage.Replace(err.Error()))
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	kctx.BindTo(ctx, (*context.Context)(nil))
	return sh.report(kctx.Run(sh))
}

// plainUsage puts what the parser says into words that are not of its insides.
var plainUsage = strings.NewReplacer("a valid 64 bit int", "a whole number", "expected int value", "expected a whole number", `one of "",`, "one of ", ` (short flag); perhaps try `, `: write `)

// report prints an error once and turns it into an exit code.
func (sh *shell) report(err error) int {
	if err == nil {
		return exitDone
	}
	code := exitCode(err)
	var mistakes config.Mistakes
	switch {
	case errors.As(err, &mistakes):
		sh.note("%s", mistakes.Error())
	case err.Error() != "":
		sh.note("tidings: %v", err)
	}
	return code
}

func exitCode(err error) int {
	var own *exitError
	var mistakes config.Mistakes
	var locked *store.LockedError
	switch {
	case errors.As(err, &own):
		return own.code
	case errors.As(err, &mistakes):
		return exitUsage
	case errors.As(err, &locked):
		return exitLocked
	case errors.Is(err, store.ErrNoDatabase):
		return exitNoData
	}
	return exitFailed
}

// usagef is an error of usage: the person can mend it.
func usagef(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}
