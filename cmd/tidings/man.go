package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type manCmd struct{}

// Run prints the manual page in roff, made from the grammar.
func (manCmd) Run(sh *shell) error {
	if !sh.args.JSON {
		return manual(sh.out, sh.model)
	}
	var b strings.Builder
	if err := manual(&b, sh.model); err != nil {
		return err
	}
	return sh.printJSON(map[string]string{"roff": b.String()})
}

// manual writes the page.
func manual(out io.Writer, model *kong.Kong) error {
	w := &roff{w: out}
	root := model.Model.Node
	w.line(".TH TIDINGS 1 \"\" \"tidings %s\" \"User Commands\"", escape(release))
	w.line(".SH NAME\ntidings \\- turn a blog into feeds and newsletters")
	w.line(".SH SYNOPSIS\n.B tidings\n.I COMMAND\n.RI [ flags ]")
	w.line(".SH DESCRIPTION\n%s", escape(description))
	w.line(".SH COMMANDS")
	for _, n := range leaves(root) {
		w.line(".SS \"%s\"", escape(n.Summary()))
		w.line("%s", escape(n.Help))
		if n.Detail != "" {
			w.line(".PP\n%s", escape(n.Detail))
		}
		w.arguments(n)
		w.flags(n.Flags)
	}
	w.line(".SH OPTIONS OF EVERY COMMAND")
	w.flags(root.Flags)
	w.line(".SH EXIT STATUS")
	for _, row := range exitTable {
		w.line(".TP\n.B %d\n%s", row.code, escape(row.means))
	}
	w.line(".SH FILES\n.TP\n.I tidings.toml\nThe configuration. Every key is explained in config.example.toml.")
	return w.err
}

// exitTable says what each exit code means.
var exitTable = []struct {
	code  int
	means string
}{
	{exitDone, "Done."},
	{exitFailed, "It did not work; standard error says why."},
	{exitUsage, "The command line or the configuration has a mistake."},
	{exitPartly, "Part of it was done; standard error says what was not."},
	{exitFindings, "Done, and there is something that its owner should mend."},
	{exitNoData, "There is no database."},
	{exitLocked, "Another process schedules and sends from this database."},
	{exitAgain, "Not now; try again later."},
}

// leaves lists the commands that can be run, in the order of the grammar.
func leaves(n *kong.Node) []*kong.Node {
	if len(n.Children) == 0 {
		return []*kong.Node{n}
	}
	var out []*kong.Node
	for _, c := range n.Children {
		if c.Type == kong.CommandNode && !c.Hidden {
			out = append(out, leaves(c)...)
		}
	}
	return out
}

// roff writes lines and keeps the first error.
type roff struct {
	w   io.Writer
	err error
}

func (r *roff) line(format string, args ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintf(r.w, format+"\n", args...)
	}
}

func (r *roff) arguments(n *kong.Node) {
	for _, p := range n.Positional {
		r.line(".TP\n.I %s\n%s", escape(p.Summary()), escape(p.Help))
	}
}

func (r *roff) flags(flags []*kong.Flag) {
	for _, f := range flags {
		if !f.Hidden {
			r.line(".TP\n.B %s\n%s", escape(flagName(f)), escape(f.Help))
		}
	}
}

// flagName is -c, --config=FILE.
func flagName(f *kong.Flag) string {
	name := "--" + f.Name
	if f.Tag.Negatable != "" {
		name = "--[no-]" + f.Name
	}
	if f.Short != 0 {
		name = "-" + string(f.Short) + ", " + name
	}
	if !f.IsBool() {
		name += "=" + f.FormatPlaceHolder()
	}
	return name
}

// escape keeps roff from reading text as requests.
func escape(s string) string {
	s = strings.NewReplacer("\\", "\\e", "-", "\\-", "\n", " ").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = "\\&" + s
	}
	return s
}
