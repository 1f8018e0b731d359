package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tidings.example/internal/faults"
)

// TestMain removes the binary that the tests built.
func TestMain(m *testing.M) {
	code := m.Run()
	faults.Remove()
	os.Exit(code)
}

// tried holds one case to the bar in its smallest form.
func tried(t *testing.T, name string, sabotage func(*world)) *trial {
	t.Helper()
	for _, program := range []string{"strace", "sqlite3"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("judge %s is not installed", program)
		}
	}
	o := options{bin: faults.Binary(t), dir: t.TempDir(), only: name, short: true, tiny: true, seed: 3, sabotage: sabotage}
	chosen, err := o.cases()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	done := chosen[0].hold(t.Context(), o, &out)
	t.Logf("%s", out.String())
	return done
}

// below asks for a figure below the bar.
func below(t *testing.T, done *trial, what string) {
	t.Helper()
	if done.passed() {
		t.Errorf("%s passes", done.name)
	}
	for _, f := range done.figures {
		if !f.good && strings.Contains(f.what+" "+f.value, what) {
			return
		}
	}
	t.Errorf("no figure with %q is below the bar: %+v, %v", what, done.figures, done.err)
}

func TestALetterThatTheSinkForgetsIsMissed(t *testing.T) {
	t.Parallel()
	done := tried(t, "kill", func(w *world) {
		w.sink.forget = func(l *taken) bool { return l.to == reader(7) }
	})
	below(t, done, "no letter")
}

func TestACopyWithOtherBytesIsFound(t *testing.T) {
	t.Parallel()
	done := tried(t, "kill", func(w *world) {
		w.sink.forget = func(l *taken) bool {
			l.hash = uint64(l.seq) // no two letters are the same now
			return false
		}
	})
	below(t, done, "other bytes")
}

func TestALetterThatComesTwiceForNoReasonIsFound(t *testing.T) {
	t.Parallel()
	var once sync.Once
	done := tried(t, "kill", func(w *world) {
		w.sink.forget = func(l *taken) bool { // called with the sink's lock
			once.Do(func() {
				copy := *l
				copy.conn = &conn{} // of no process that was killed
				copy.seq--
				w.sink.letters[l.id] = append(w.sink.letters[l.id], &copy)
			})
			return false
		}
	})
	below(t, done, "no kill explains")
}

func TestKillsThatHitNobodyDoNotCount(t *testing.T) {
	t.Parallel()
	var mute atomic.Bool
	done := tried(t, "kill", func(w *world) {
		w.sink.forget = func(*taken) bool {
			if mute.CompareAndSwap(false, true) {
				w.sink.deaf = true // scripts are not asked any more
			}
			return false
		}
	})
	below(t, done, "kills with a letter")
}

func TestLettersThatAreKeptInDoubtAreBelowTheBar(t *testing.T) {
	t.Parallel()
	done := tried(t, "kill", func(w *world) {
		file := filepath.Join(w.dir, "tidings.toml")
		text, err := os.ReadFile(file)
		if err == nil {
			text = bytes.Replace(text, []byte("transport ="), []byte("in_doubt = \"hold\"\ntransport ="), 1)
			err = os.WriteFile(file, text, 0o644)
		}
		if err != nil {
			t.Error(err)
		}
	})
	if done.passed() || done.err == nil || !strings.Contains(done.err.Error(), "are open") {
		t.Errorf("%+v, %v", done.figures, done.err)
	}
}

func TestModelOfRandomFaultsSeesASilentLoss(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	done := tried(t, "chaos", func(w *world) {
		w.sink.forget = func(l *taken) bool { return !l.lost && n.Add(1)%10 == 0 }
	})
	below(t, done, "no letter to them was answered with 250")
}

func TestACaseThatMeasuresNothingFails(t *testing.T) {
	t.Parallel()
	idle := kase{name: "idle", run: func(*trial) error { return nil }}
	if done := idle.hold(context.Background(), options{}, io.Discard); done.passed() {
		t.Error("it passes")
	}
	if (report{}).passed() {
		t.Error("a report of nothing passes")
	}
}

func TestReportShowsWhatIsBelowTheBar(t *testing.T) {
	t.Parallel()
	good := kase{name: "good", run: func(tr *trial) error { tr.check(true, "kills", 7, "7"); return nil }}
	bad := kase{name: "bad", run: func(tr *trial) error { tr.none("missing", []string{"a|b"}); return nil }}
	r := report{options: options{seed: 9}}
	for _, k := range []kase{good, bad} {
		r.done = append(r.done, k.hold(context.Background(), options{}, io.Discard))
	}
	text := r.markdown()
	for _, want := range []string{"seed 9", "| good |  | good |", "| bad |  | **below** |", "| kills | 7 | 7 | good |", "| missing | 1: a\\|b | 0 | **below** |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	if r.passed() {
		t.Error("the report passes")
	}
}
