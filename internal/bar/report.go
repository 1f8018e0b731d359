package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// report is what BAR.md shows.
type report struct {
	options options
	begun   time.Time
	done    []*trial
}

func (r report) passed() bool {
	for _, t := range r.done {
		if !t.passed() {
			return false
		}
	}
	return len(r.done) > 0
}

// markdown is the report as a page.
func (r report) markdown() string {
	var b strings.Builder
	form := "the full form"
	if r.options.short {
		form = "the short form"
	}
	fmt.Fprintf(&b, "# The bar\n\nWhat `make bar` found, in %s: the real binary against a server, a machine and people that misbehave.\n"+
		"Every figure comes from what the sink was given and from what `tidings` says; `go run ./internal/bar -only CASE -seed N` repeats it.\n\n", form)
	fmt.Fprintf(&b, "%s, commit %s, %d cores, seed %d, %s in all.\n\n", r.begun.UTC().Format(time.DateOnly), commit(), runtime.NumCPU(), r.options.seed, round(time.Since(r.begun)))
	b.WriteString("| case | what | verdict | time |\n|---|---|---|---|\n")
	for _, t := range r.done {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.name, t.about, verdict(t.passed()), round(t.took))
	}
	for _, t := range r.done {
		fmt.Fprintf(&b, "\n## %s\n\n", t.name)
		if t.err != nil {
			fmt.Fprintf(&b, "It did not come to its end: %s\n\n", cell(t.err.Error()))
		}
		r.events(&b, t)
		if len(t.figures) > 0 {
			b.WriteString("| figure | is | bound | |\n|---|---|---|---|\n")
		}
		for _, f := range t.figures {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(f.what), cell(f.value), cell(f.bound), verdict(f.good))
		}
	}
	return b.String()
}

// events is the table of what an event costs.
func (r report) events(b *strings.Builder, t *trial) {
	if len(t.rows) == 0 {
		return
	}
	b.WriteString("| event | subscribers | never mailed | mailed twice | what it says |\n|---|---|---|---|---|\n")
	for _, row := range t.rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteString("\n")
}

func verdict(good bool) string {
	if good {
		return "good"
	}
	return "**below**"
}

// cell keeps a text within its cell.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(s)
}

func round(d time.Duration) time.Duration { return d.Round(time.Second) }

// commit names what was built, as far as that is known.
func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(out))
	if out, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output(); err == nil && len(out) > 0 {
		name += " with changes"
	}
	return name
}
