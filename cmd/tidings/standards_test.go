package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryTestThatStandardsNamesExists holds the tables of STANDARDS.md to the
// code: a test that is renamed or removed takes its row along.
func TestEveryTestThatStandardsNamesExists(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	table, err := os.ReadFile(filepath.Join(root, "STANDARDS.md"))
	if err != nil {
		t.Fatal(err)
	}
	have := testsByPackage(t, root)
	for _, mistake := range unproven(string(table), have) {
		t.Error(mistake)
	}
	// The check itself: a name that nobody has is found, in a row that is right but for it.
	renamed := strings.Replace(string(table), "TestGoldenPosts", "TestGoldenArticles", 1)
	if got := unproven(renamed, have); len(got) != 1 || !strings.Contains(got[0], "TestGoldenArticles") {
		t.Errorf("a test that was renamed is told as %q", got)
	}
	if got := unproven("| a | b | c |\n|---|---|---|\n| x | y | by hand |\n", have); len(got) != 1 {
		t.Errorf("a row without a test is told as %q", got)
	}
}

var (
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Example|Benchmark)\w*)\(`)
	testName     = regexp.MustCompile(`\b(?:Test|Fuzz|Example|Benchmark)[A-Z]\w*`)
	inPackage    = regexp.MustCompile(`^\s*([a-z]\w*): `)
	judgeFile    = regexp.MustCompile("`(\\.ci/[\\w-]+)`")
)

// testsByPackage finds every test, by the name that its package has in the table.
func testsByPackage(t *testing.T, root string) map[string][]string {
	t.Helper()
	have := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == ".git" {
				return filepath.SkipDir
			}
			return err
		}
		if rest, _ := filepath.Rel(root, path); strings.HasPrefix(rest, ".ci") {
			have["."] = append(have["."], filepath.ToSlash(rest))
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range testFunction.FindAllSubmatch(text, -1) {
			name := filepath.Base(filepath.Dir(path))
			have[name] = append(have[name], string(m[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return have
}

// unproven are the rows whose last cell names no test, or one that is not there.
func unproven(table string, have map[string][]string) (mistakes []string) {
	for i, line := range strings.Split(table, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), "|")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.TrimSpace(cells[len(cells)-1]) == "shown by" || i == 0 {
			continue
		}
		proof, named := cells[len(cells)-1], 0
		for _, part := range strings.Split(proof, ";") {
			pkg := ""
			if m := inPackage.FindStringSubmatch(part); m != nil {
				pkg = m[1]
			}
			for _, test := range testName.FindAllString(part, -1) {
				named++
				if !slices.Contains(have[pkg], test) {
					mistakes = append(mistakes, fmt.Sprintf("STANDARDS.md:%d: the package %q has no %s", i+1, pkg, test))
				}
			}
		}
		for _, m := range judgeFile.FindAllStringSubmatch(proof, -1) {
			named++
			if !slices.Contains(have["."], m[1]) {
				mistakes = append(mistakes, fmt.Sprintf("STANDARDS.md:%d: there is no %s", i+1, m[1]))
			}
		}
		if named == 0 {
			mistakes = append(mistakes, fmt.Sprintf("STANDARDS.md:%d: the row names no test: %s", i+1, strings.TrimSpace(proof)))
		}
	}
	return mistakes
}
