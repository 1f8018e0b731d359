package feed_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidings.example/feed"
)

// judge returns the path of a tool of the shared test material, or skips.
func judge(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("TIDINGS_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	tool, err := filepath.Abs(filepath.Join(dir, "tools", "feedcheck", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tool); err != nil {
		t.Skipf("the judge %s is not here: set TIDINGS_SHARED to the folder that holds tools/feedcheck", name)
	}
	if err := exec.Command("/usr/bin/python3", "-c", "import feedparser, html5lib, lxml, jsonschema").Run(); err != nil {
		t.Skipf("the judge needs Debian's python3 with feedparser, html5lib, lxml and jsonschema: %v", err)
	}
	for _, program := range []string{"xmllint", "jing"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the judge needs %s: %v", program, err)
		}
	}
	return tool
}

// documents is a folder of encoded feeds.
type documents struct {
	t     *testing.T
	dir   string
	files []string
}

func (d *documents) add(name string, doc *feed.Document) {
	d.t.Helper()
	for _, f := range feed.Formats() {
		out, err := feed.Encode(doc, f)
		if err != nil {
			d.t.Fatalf("%s as %s: %v", name, f, err)
		}
		file := filepath.Join(d.dir, strings.ReplaceAll(name, " ", "-")+"."+f.String())
		if _, err := feed.WriteFile(file, out.Bytes); err != nil {
			d.t.Fatal(err)
		}
		d.files = append(d.files, file)
	}
}

// judged returns the report and fails when a document was not judged.
func (d *documents) judged(tool string, flags ...string) (report []byte, err error) {
	d.t.Helper()
	if os.Getenv("FEEDVALIDATOR") == "" {
		d.t.Log("FEEDVALIDATOR is not set: the strictest of the judges is left out")
	}
	report, err = exec.Command(tool, append(flags, d.files...)...).CombinedOutput()
	if n := bytes.Count(report, []byte("  kind=")); n != len(d.files) {
		d.t.Fatalf("%d of %d documents were judged: %v\n%s", n, len(d.files), err, report)
	}
	return report, err
}

func TestFeedsPassTheJudge(t *testing.T) {
	t.Parallel()
	tool := judge(t, "feedcheck")
	docs := &documents{t: t, dir: t.TempDir()}
	records := nasty()
	all := head()
	for _, name := range slices.Sorted(maps.Keys(records)) {
		one := head()
		one.Entries = []feed.Entry{feed.FromRecord(records[name])}
		docs.add(name, &one)
		all.Entries = append(all.Entries, one.Entries...)
	}
	docs.add("all", &all)
	short := all
	short.Limit = 1 // not even the summaries fit: as short as it gets
	docs.add("short", &short)
	empty := head()
	docs.add("empty", &empty)
	docs.add("bare", &feed.Document{
		ID: "tag:blog.example.org,2020-05:bare", Home: "https://blog.example.org", Language: "en",
		Self: head().Self, Entries: all.Entries[:1],
	})
	docs.add("bare and empty", &feed.Document{
		ID: "tag:blog.example.org,2020:bare", Home: "https://blog.example.org/", Language: "en", Self: head().Self,
	})
	rich := head()
	rich.Entries = []feed.Entry{richEntry()}
	docs.add("rich", &rich)
	if report, err := docs.judged(tool, "--strict"); err != nil {
		t.Errorf("%v\n%s", err, complaints(report))
	}
}

// The W3C judge takes MathML in escaped HTML for "Non-html tag": only who asks
// for it has it there, and nothing else is wrong with it.
func TestFormulasPassTheJudge(t *testing.T) {
	t.Parallel()
	tool := judge(t, "feedcheck")
	docs := &documents{t: t, dir: t.TempDir()}
	d := head()
	d.Entries = []feed.Entry{feed.FromRecord(formulas())}
	docs.add("formulas", &d)
	if report, err := docs.judged(tool, "--strict"); err != nil {
		t.Errorf("%v\n%s", err, complaints(report))
	}
	d.MathML = feed.Formats()
	docs = &documents{t: t, dir: t.TempDir()}
	docs.add("everywhere", &d)
	report, err := docs.judged(tool)
	if err != nil {
		t.Errorf("%v\n%s", err, complaints(report))
	}
	for _, l := range strings.Split(string(report), "\n") {
		if strings.HasPrefix(l, "   W ") && !(strings.Contains(l, "NotHtml") && strings.Contains(l, "value=math")) {
			t.Error(l)
		}
	}
}

// complaints keeps the documents that have any.
func complaints(report []byte) string {
	var out []string
	for _, part := range strings.Split("\n"+string(report), "\n== ") {
		if !strings.Contains(part, "errors=0 warnings=0") {
			out = append(out, part)
		}
	}
	return strings.Join(out, "\n== ")
}
