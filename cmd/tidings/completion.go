package main

import (
	"fmt"
	"maps"
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
	w := &wordList{words: map[string][]string{}, flags: map[string][]string{}, values: map[string][]string{}}
	w.collect(sh.model.Model.Node, "", nil)
	text := w.bash()
	switch c.Shell {
	case "fish":
		text = w.fish()
	case "zsh":
		text = "autoload -U +X bashcompinit && bashcompinit\n" + text
	}
	if sh.args.JSON {
		return sh.printJSON(map[string]string{"script": text})
	}
	sh.printf("%s", text)
	return nil
}

// wordList says for each command path which words and flags may follow, and
// for each of its flags which values, where they are known. No word holds a
// space: the values of a flag are under "path --flag".
type wordList struct{ words, flags, values map[string][]string }

func (w *wordList) collect(n *kong.Node, path string, inherited []string) {
	flags := slices.Clone(inherited)
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		flags = append(flags, "--"+f.Name)
		if f.Tag.Negatable != "" {
			flags = append(flags, "--no-"+f.Name)
		}
	}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			if values := slices.DeleteFunc(f.EnumSlice(), func(v string) bool { return v == "" }); len(values) > 0 {
				w.values[path+" --"+f.Name] = values
			}
		}
	}
	var words []string
	for _, c := range n.Children {
		if c.Type == kong.CommandNode && !c.Hidden {
			words = append(words, c.Name)
			w.collect(c, strings.TrimSpace(path+" "+c.Name), flags)
		}
	}
	for _, p := range n.Positional {
		words = append(words, p.EnumSlice()...)
	}
	slices.Sort(words)
	slices.Sort(flags)
	w.words[path], w.flags[path] = words, slices.Compact(flags)
}

// bash falls back on names of files where no word is known.
func (w *wordList) bash() string {
	var b strings.Builder
	b.WriteString("_tidings() {\n\tlocal path='' w i next='' flags='' cur=${COMP_WORDS[COMP_CWORD]}\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tw=${COMP_WORDS[i]}\n\t\tcase \"${path:+$path }$w\" in\n")
	for _, p := range slices.Sorted(maps.Keys(w.words)) {
		if p != "" {
			fmt.Fprintf(&b, "\t\t'%s') path='%s' ;;\n", p, p)
		}
	}
	b.WriteString("\t\tesac\n\tdone\n\tcase \"$path\" in\n")
	for _, p := range slices.Sorted(maps.Keys(w.words)) {
		fmt.Fprintf(&b, "\t'%s') next='%s' flags='%s' ;;\n", p, strings.Join(w.words[p], " "), strings.Join(w.flags[p], " "))
	}
	b.WriteString("\tesac\n\t[[ $cur != -* ]] || next=$flags\n\tcase \"$path ${COMP_WORDS[COMP_CWORD - 1]}\" in\n")
	for _, f := range slices.Sorted(maps.Keys(w.values)) {
		fmt.Fprintf(&b, "\t'%s') next='%s' ;;\n", f, strings.Join(w.values[f], " "))
	}
	b.WriteString("\tesac\n\tCOMPREPLY=($(compgen -W \"$next\" -- \"$cur\"))\n}\ncomplete -o default -F _tidings tidings\n")
	return b.String()
}

func (w *wordList) fish() string {
	var b strings.Builder
	b.WriteString("function __tidings_at\n\tset -l path\n\tfor w in (commandline -opc)[2..]\n\t\tstring match -q -- '-*' $w; or set -a path $w\n\tend\n\ttest \"$path\" = \"$argv[1]\"\nend\n")
	for _, p := range slices.Sorted(maps.Keys(w.words)) {
		fmt.Fprintf(&b, "complete -c tidings -n '__tidings_at \"%s\"' -a '%s'\n", p, strings.Join(append(slices.Clone(w.words[p]), w.flags[p]...), " "))
	}
	for _, f := range slices.Sorted(maps.Keys(w.values)) {
		path, name, _ := strings.Cut(f, " --")
		fmt.Fprintf(&b, "complete -c tidings -n '__tidings_at \"%s\"' -l %s -x -a '%s'\n", path, name, strings.Join(w.values[f], " "))
	}
	return b.String()
}
