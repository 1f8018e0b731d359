package faults

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the binary of this test process.
var built = sync.OnceValues(build)

// Binary returns the path of the program, static as it is released: strace sees
// each of its system calls. TIDINGS_BINARY names one that is there already.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Remove removes what Binary built; TestMain calls it.
func Remove() {
	if path, err := built(); err == nil && os.Getenv("TIDINGS_BINARY") == "" {
		_ = os.RemoveAll(filepath.Dir(path))
	}
}

func build() (string, error) {
	if path := os.Getenv("TIDINGS_BINARY"); path != "" {
		return path, nil
	}
	if err := seen(); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "tidings-faults-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tidings")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "tidings.example/cmd/tidings")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return path, nil
}

// seen looks at every folder of the program's source: what go test remembers of
// an earlier run holds only as long as the files that a test looked at are the
// same, and the compiler that build starts is another process.
func seen() error {
	return filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if e != nil && e.IsDir() && (e.Name() == ".git" || e.Name() == "bin") {
			return fs.SkipDir
		}
		return err
	})
}
