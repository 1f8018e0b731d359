// Command bar holds the real binary to its promise: a letter is never lost, and
// after a crash or a lost answer at most one extra copy per open connection goes
// out, with the same Message-ID and the same bytes.
//
// It runs tidings as a process against a sink of its own, lets what can go wrong
// go wrong, and judges by what the sink was given and by what the binary says;
// it shares no code with it. A case whose fault did not happen fails.
//
//	go run ./internal/bar -bin bin/tidings -o BAR.md   # all, as make bar does
//	go run ./internal/bar -bin bin/tidings -short      # a few minutes, as .ci/run does
//	go run ./internal/bar -bin bin/tidings -only chaos -seed 7
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// cases are what the bar consists of, in the order in which they run.
var cases = []kase{
	{name: "kill", about: "kill -9 at moments of the conversation", run: killing},
	{name: "points", about: "SIGKILL, ENOSPC and EIO at the n-th write or fsync", run: points},
	{name: "refusals", about: "AUTH, TLS and policy failures in the middle of an issue", run: refusals},
	{name: "leaving", about: "one-click unsubscribes while an issue goes out", run: leaving},
	{name: "table", about: "what an event costs its readers", run: table},
	{name: "chaos", about: "random faults of server, machine and people against a model", run: chaos},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(bar(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	bin, dir, out, only string
	short               bool
	seed                uint64
	tiny                bool         // less than short: for the test of the bar
	sabotage            func(*world) // the same: what must not pass
}

// bar runs the cases; the exit code is 1 where one is below the bar, 2 where it
// could not be held to it.
func bar(ctx context.Context, args []string, out, errs io.Writer) int {
	var o options
	f := flag.NewFlagSet("bar", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.bin, "bin", "bin/tidings", "the binary")
	f.StringVar(&o.dir, "dir", "", "work there and keep everything, instead of a folder that is removed")
	f.StringVar(&o.out, "o", "", "write the report to this file, too")
	f.StringVar(&o.only, "only", "", "only these cases, separated by commas")
	f.BoolVar(&o.short, "short", false, "a short form of each")
	f.Uint64Var(&o.seed, "seed", 1, "of every random decision")
	if err := f.Parse(args); err != nil {
		return 2
	}
	chosen, err := o.cases()
	if err == nil {
		err = o.prepare()
	}
	if err != nil {
		fmt.Fprintln(errs, "bar:", err)
		return 2
	}
	r := report{options: o, begun: time.Now()}
	for _, k := range chosen {
		r.done = append(r.done, k.hold(ctx, o, out))
	}
	if !o.keeps() {
		_ = os.RemoveAll(o.dir)
	}
	text := r.markdown()
	fmt.Fprint(out, "\n"+text)
	if o.out != "" {
		if err := os.WriteFile(o.out, []byte(text), 0o644); err != nil {
			fmt.Fprintln(errs, "bar:", err)
			return 2
		}
	}
	if !r.passed() {
		return 1
	}
	return 0
}

// cases picks those that were asked for.
func (o *options) cases() ([]kase, error) {
	if o.only == "" {
		return cases, nil
	}
	var out []kase
	for name := range strings.SplitSeq(o.only, ",") {
		i := slices.IndexFunc(cases, func(k kase) bool { return k.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no case %q", name)
		}
		out = append(out, cases[i])
	}
	return out, nil
}

// temporary begins the name of a folder that is removed.
const temporary = "tidings-bar-"

// prepare finds the binary and a folder to work in.
func (o *options) prepare() error {
	var err error
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	if _, err := os.Stat(o.bin); err != nil {
		return fmt.Errorf("%w (make build makes it)", err)
	}
	if o.dir == "" {
		o.dir, err = os.MkdirTemp("", temporary)
		return err
	}
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	return os.MkdirAll(o.dir, 0o755)
}

// keeps tells whether the folder is somebody's own.
func (o *options) keeps() bool { return !strings.HasPrefix(filepath.Base(o.dir), temporary) }
