package main

import (
	"os/exec"
	"strings"
	"testing"
)

// allowed names, for each package of ours, which others of ours it may import;
// what is not named imports none. Libraries hold no SQL and no configuration.
var allowed = map[string][]string{
	"posts":                {"posts/frontmatter", "posts/markdown"},
	"posts/markdown":       {"posts/formula"},
	"feed":                 {"posts", "posts/formula"},
	"mailer":               {"mailer/bounce", "mailer/dkim", "posts", "internal/locale", "internal/schedule"},
	"mailer/smtp":          {"mailer"},
	"internal/hostile/cmd": {"internal/hostile"},
	"internal/store":       {"posts", "feed", "mailer"},
	"internal/adopt":       {"posts"},
	"internal/config":      {"internal/schedule"},
	"internal/publish":     {"posts", "feed", "mailer"},
	"internal/web/webtest": {"internal/web", "posts"},
	"internal/web":         {"mailer", "feed", "posts", "internal/locale"},
}

func TestPackagesImportOnlyWhatTheDesignAllows(t *testing.T) {
	t.Parallel()
	const module = "tidings.example/"
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		from := strings.TrimPrefix(fields[0], module)
		if strings.HasPrefix(from, "cmd/") || strings.HasSuffix(from, "test") {
			continue
		}
		may := " " + strings.Join(allowed[from], " ") + " "
		for _, to := range fields[1:] {
			own, is := strings.CutPrefix(to, module)
			if is && !strings.Contains(may, " "+own+" ") {
				t.Errorf("%s must not import %s", from, own)
			}
			if to == "database/sql" && from != "internal/store" {
				t.Errorf("%s must not import database/sql", from)
			}
		}
	}
}
