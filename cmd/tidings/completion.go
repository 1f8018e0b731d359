package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help tells how to use the script.
func (completionCmd) Help() string {
	return "For bash: source <(tidings completion bash). For zsh: source <(tidings completion zsh). For fish: tidings completion fish | source."
}

// Run prints the script, made from the grammar.
func (c completionCmd) Run(sh *shell) error {
	words := map[string][]string{}
	collect(sh.model.Model.Node, "", nil, words)
	switch c.Shell {
	case "fish":
		sh.printf("%s", fish(words))
	case "zsh":
		sh.printf("autoload -U +X bashcompinit && bashcompinit\n%s", bash(words))
	default:
		sh.printf("%s", bash(words))
	}
	return nil
}

// collect notes for each command path the words that may follow it.
func collect(n *kong.Node, path string, inherited []string, words map[string][]string) {
	flags := slices.Clone(inherited)
	for _, f := range n.Flags {
		if !f.Hidden {
			flags = append(flags, "--"+f.Name)
		}
	}
	next := slices.Clone(flags)
	for _, c := range n.Children {
		if c.Type == kong.CommandNode && !c.Hidden {
			next = append(next, c.Name)
			collect(c, strings.TrimSpace(path+" "+c.Name), flags, words)
		}
	}
	for _, p := range n.Positional {
		next = append(next, p.EnumSlice()...)
	}
	slices.Sort(next)
	words[path] = slices.Compact(next)
}

// paths lists the command paths in order.
func paths(words map[string][]string) []string {
	out := make([]string, 0, len(words))
	for p := range words {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

func bash(words map[string][]string) string {
	var b strings.Builder
	b.WriteString("_tidings() {\n\tlocal path='' w i next\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tw=${COMP_WORDS[i]}\n\t\tcase \"${path:+$path }$w\" in\n")
	for _, p := range paths(words) {
		if p != "" {
			fmt.Fprintf(&b, "\t\t'%s') path='%s' ;;\n", p, p)
		}
	}
	b.WriteString("\t\tesac\n\tdone\n\tcase \"$path\" in\n")
	for _, p := range paths(words) {
		fmt.Fprintf(&b, "\t'%s') next='%s' ;;\n", p, strings.Join(words[p], " "))
	}
	b.WriteString("\tesac\n\tCOMPREPLY=($(compgen -W \"$next\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -F _tidings tidings\n")
	return b.String()
}

func fish(words map[string][]string) string {
	var b strings.Builder
	b.WriteString("function __tidings_at\n\tset -l path\n\tfor w in (commandline -opc)[2..]\n\t\tstring match -q -- '-*' $w; or set -a path $w\n\tend\n\ttest \"$path\" = \"$argv[1]\"\nend\n")
	for _, p := range paths(words) {
		fmt.Fprintf(&b, "complete -c tidings -n '__tidings_at \"%s\"' -a '%s'\n", p, strings.Join(words[p], " "))
	}
	return b.String()
}
