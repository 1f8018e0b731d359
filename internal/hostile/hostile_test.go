package hostile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEqualSeedsMakeEqualPosts(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		a, b := Make(7, i, nil), Make(7, i, Samples())
		if a.Name != b.Name || !bytes.Equal(a.Bytes, b.Bytes) {
			t.Fatalf("post %d differs", i)
		}
		if bytes.Equal(a.Bytes, Make(8, i, nil).Bytes) {
			t.Errorf("post %d is the same for another seed", i)
		}
	}
}

func TestAThousandPostsHaveEveryFault(t *testing.T) {
	t.Parallel()
	seen, broken, large := map[string]int{}, 0, 0
	for i := range 1000 {
		p := Make(1, i, nil)
		for _, f := range p.Faults {
			seen[f]++
		}
		if !utf8.Valid(p.Bytes) {
			broken++
		}
		if len(p.Bytes) > giant/2 {
			large++
		}
	}
	for _, list := range [][]fault{faults, giants, encodings} {
		for _, f := range list {
			if seen[f.name] == 0 {
				t.Errorf("no post has the fault %q", f.name)
			}
		}
	}
	if broken < 50 || large < 5 || large > 60 {
		t.Errorf("%d posts are broken, %d are giants", broken, large)
	}
}

func TestASiteIsWrittenFromTheSamplesOfAFolder(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(from, "a.md"), []byte("---\ntitle: x\n---\nneedle needle needle needle"), 0o600); err != nil {
		t.Fatal(err)
	}
	samples, err := Read(from)
	if err != nil || len(samples) != 1 || string(samples[0]) != "needle needle needle needle" {
		t.Fatalf("%q, %v", samples, err)
	}
	if err := Write(to, 1, 20, samples); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(to, "source/_posts/*.md"))
	list, err := os.ReadFile(filepath.Join(to, "faults.txt"))
	if err != nil || len(files) != 20 || strings.Count(string(list), "\n") != 20 {
		t.Errorf("%d files, %v\n%s", len(files), err, list)
	}
	if own, err := Read(filepath.Join(from, "missing")); err != nil || len(own) != len(Samples()) || len(own) < 4 {
		t.Errorf("%d samples where there is no folder, %v", len(own), err)
	}
}
