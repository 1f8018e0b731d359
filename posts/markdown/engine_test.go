package markdown

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"tidings.example/posts/formula"
)

const lookForEngine = "TIDINGS_LOOK_FOR_ENGINE"

// TestAPostWithoutFormulasStartsNoEngine renders in a process of its own, which
// notes who asks for memory: Temml and the engine that runs it must not be there
// until a formula comes.
func TestAPostWithoutFormulasStartsNoEngine(t *testing.T) {
	t.Parallel()
	if body := os.Getenv(lookForEngine); body != "" {
		runtime.MemProfileRate = 1
		_ = render(t, body, Options{Dialect: Hexo, PostURL: "https://blog.example/p/"})
		if engineRan() {
			t.Log("the engine ran")
		}
		return
	}
	plain := strings.ReplaceAll(string(typicalPost()), "$O(n^2)$", "O(n), $5, US$10 and `$x$`")
	if out := inOwnProcess(t, plain); strings.Contains(out, "the engine ran") {
		t.Errorf("a post without formulas starts the engine:\n%s", out)
	}
	if out := inOwnProcess(t, plain+"$x^2$"); strings.Contains(out, "the engine ran") != (formula.Build == "") {
		t.Errorf("this test does not see the engine that a formula starts:\n%s", out)
	}
}

func inOwnProcess(t *testing.T, body string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAPostWithoutFormulasStartsNoEngine$", "-test.v")
	c.Env = append(os.Environ(), lookForEngine+"="+body)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// engineRan looks through the places that asked for memory.
func engineRan() bool {
	runtime.GC()
	runtime.GC() // the profile lags by one collection
	records := make([]runtime.MemProfileRecord, 1<<16)
	n, _ := runtime.MemProfile(records, true)
	for _, r := range records[:n] {
		frames := runtime.CallersFrames(r.Stack())
		for more := true; more; {
			var f runtime.Frame
			if f, more = frames.Next(); strings.HasSuffix(f.Function, "/formula.newEngine") {
				return true
			}
		}
	}
	return false
}
