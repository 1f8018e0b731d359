package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// alerts are the texts of the letters that the owner got.
func (m *mailServer) alerts(t *testing.T) (out []string) {
	t.Helper()
	for _, l := range m.got() {
		if l.to == "news@blog.example.org" {
			_, text := header(t, l.text)
			out = append(out, text)
		}
	}
	return out
}

// trouble is what status says in JSON, and its exit code.
func (w *world) trouble() ([]string, int) {
	w.t.Helper()
	out, errs, code := w.run(w.t.Context(), "status", "--json")
	var s struct{ Trouble []string }
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		w.t.Fatalf("status: %v\n%s%s", err, out, errs)
	}
	return s.Trouble, code
}

// healthy reads /healthz after an old answer is stale.
func (r *running) healthy() (int, []string) {
	r.w.t.Helper()
	r.w.pass(healthLasts)
	status, text := r.get("/healthz")
	var h struct{ Problems []string }
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		r.w.t.Fatalf("%v: %s", err, text)
	}
	return status, h.Problems
}

func (w *world) brokenPost(name string) {
	w.write("blog/source/_posts/"+name+".md", "---\ntitle: [never closed\ndate: 2026-11-20 08:00:00\n---\nText.\n")
}

func TestTroubleWithThreePostsIsOneLetterThatNamesAllUntilTheyAreMended(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	names := []string{"one", "two", "three"}
	for _, name := range names {
		w.brokenPost(name)
	}
	w.run(t.Context(), "run")
	w.run(t.Context(), "run")
	w.pass(30 * time.Hour)
	w.run(t.Context(), "run")
	got := m.alerts(t)
	if len(got) != 1 {
		t.Fatalf("%d letters: %q", len(got), got)
	}
	for _, name := range names {
		if !strings.Contains(got[0], name+".md") {
			t.Errorf("the letter does not name %s:\n%s", name, got[0])
		}
	}
	if trouble, code := w.trouble(); len(trouble) != 3 || code != exitFindings {
		t.Errorf("status: %d %q", code, trouble)
	}
	w.brokenPost("four")
	w.run(t.Context(), "run")
	if got := m.alerts(t); len(got) != 2 || !strings.Contains(got[1], "four.md") || strings.Contains(got[1], "one.md") {
		t.Errorf("letters after one more: %q", got)
	}
	for _, name := range append(names, "four") {
		w.post(name, "2026-11-20", "Mended.")
	}
	w.run(t.Context(), "run")
	if trouble, code := w.trouble(); len(trouble) != 0 || code != 0 {
		t.Errorf("status after the repair: %d %q", code, trouble)
	}
	w.brokenPost("one")
	w.run(t.Context(), "run")
	if got := m.alerts(t); len(got) != 3 {
		t.Errorf("what is broken again is told again: %d letters", len(got))
	}
}

func TestTroubleBeforeAScanIsInStatusAndItsWordsNotInHealth(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	good, err := os.ReadFile(filepath.Join(w.dir, "tidings.toml"))
	if err != nil {
		t.Fatal(err)
	}
	command := `before = ["sh", "-c", "test ! -e ../down || { echo fatal: https://me:hunter2@git.example.org is away; exit 1; }"]`
	w.write("tidings.toml", strings.Replace(string(good), "dir = \"blog\"\n", "dir = \"blog\"\n"+command+"\n", 1))
	w.write("down", "")
	w.run(t.Context(), "run")
	want := "source blog: the scan is skipped: sh: exit status 1: fatal: https://git.example.org is away"
	if trouble, code := w.trouble(); !slices.Equal(trouble, []string{want}) || code != exitFindings {
		t.Errorf("status: %d %q", code, trouble)
	}
	out, _, _ := w.run(t.Context(), "status")
	if !strings.Contains(out, "! "+want+"\n") {
		t.Errorf("status:\n%s", out)
	}
	r := w.serve()
	if status, problems := r.healthy(); status != 503 || !slices.Equal(problems, []string{"source blog: the command before the scan fails"}) {
		t.Errorf("health: %d %q", status, problems)
	}
	if err := os.Remove(filepath.Join(w.dir, "down")); err != nil {
		t.Fatal(err)
	}
	w.ok("scan")
	if status, problems := r.healthy(); status != 200 || len(problems) != 0 {
		t.Errorf("health after the repair: %d %q", status, problems)
	}
	if trouble, code := w.trouble(); len(trouble) != 0 || code != 0 {
		t.Errorf("status after the repair: %d %q", code, trouble)
	}
	if got := m.alerts(t); len(got) != 1 || strings.Contains(got[0], "hunter2") {
		t.Errorf("letters: %q", got)
	}
}

func TestHealthHoldsAnAnswerForFiveSeconds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.database()
	p, err := (&shell{in: strings.NewReader(""), out: &strings.Builder{}, err: &strings.Builder{}, getenv: func(string) string { return "" },
		now: func() time.Time { return w.now }, args: &grammar{Config: filepath.Join(w.dir, "tidings.toml")}}).look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	look := &healthLook{p: p}
	if h := look.health(t.Context()); !h.OK {
		t.Errorf("at first: %v", h)
	}
	w.brokenPost("one")
	w.run(t.Context(), "scan")
	if h := look.health(t.Context()); !h.OK {
		t.Errorf("at once: %v", h)
	}
	w.pass(healthLasts)
	if h := look.health(t.Context()); h.OK || !slices.Equal(h.Problems, []string{"source blog: a post cannot be read"}) {
		t.Errorf("after a while: %v", h)
	}
}

func TestTroubleWithTheServerIsInStatusUntilLettersLeave(t *testing.T) {
	t.Parallel()
	m, w := newLetter(t)
	m.mu.Lock()
	m.rcpt = func(string) error {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "your host is blocked"}
	}
	m.mu.Unlock()
	_, errs, code := w.run(t.Context(), "send", "weekly", "--yes")
	trouble, standing := w.trouble()
	if code != exitAgain || standing != exitFindings || len(trouble) != 1 || !strings.HasPrefix(trouble[0], "sending is stopped: ") {
		t.Fatalf("send: %d %s, status: %d %q", code, errs, standing, trouble)
	}
	m.mu.Lock()
	m.rcpt = nil
	m.mu.Unlock()
	w.pass(2 * time.Hour)
	w.ok("run")
	if trouble, code := w.trouble(); len(trouble) != 0 || code != 0 {
		t.Errorf("status after letters left: %d %q", code, trouble)
	}
	if got := m.alerts(t); len(got) != 1 || !strings.Contains(got[0], "sending is stopped") {
		t.Errorf("letters: %q", got)
	}
}

func TestTroubleWithALetterTemplateIsToldByTheDaemonFromItsBeginningToItsEnd(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	config, err := os.ReadFile(filepath.Join(w.dir, "tidings.toml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write("tidings.toml", strings.Replace(string(config), "[mail]\n", "[mail]\ntemplates = \"letters\"\n", 1))
	w.write("letters/digest.txt", "{{range .Posts}}{{.Title}}{{end}}\n")
	w.database()
	w.ok("subscribers", "add", "a@example.com", "--consent", "yes", "--cadence", "immediate")
	w.write("letters/digest.txt", "{{index .Posts 99}}\n")
	r := w.serve()
	w.post("second", "2026-11-23", "News.")
	r.await("level=ERROR msg=trouble")
	want := "digest weekly: an issue cannot be made"
	if status, problems := r.healthy(); status != 503 || !slices.Equal(problems, []string{want}) {
		t.Errorf("health: %d %q", status, problems)
	}
	trouble, code := w.trouble()
	if len(trouble) != 1 || code != exitFindings || !strings.Contains(trouble[0], "digest.txt") {
		t.Fatalf("status: %d %q", code, trouble)
	}
	r.stop()
	if err := <-r.ended; err != nil {
		t.Fatal(err)
	}
	r.ended <- nil
	w.run(t.Context(), "run")
	if got := m.alerts(t); len(got) != 1 || !strings.Contains(got[0], "digest.txt") {
		t.Errorf("letters: %q", got)
	}
	w.write("letters/digest.txt", "{{range .Posts}}{{.Title}}{{end}}\n")
	r = w.serve()
	r.await("trouble is over")
	if trouble, code := w.trouble(); len(trouble) != 0 || code != 0 {
		t.Errorf("status after the repair: %d %q", code, trouble)
	}
}

func TestALetterToTheOwnerGoesOutWithWhatIsSentByHand(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	w.ok("subscribers", "add", "a@example.com", "--consent", "yes")
	w.brokenPost("one")
	w.post("second", "2026-11-23", "News.")
	w.run(t.Context(), "build")
	if out, errs, code := w.run(t.Context(), "send", "weekly", "--yes"); code != 0 || !strings.Contains(out, "2 letters sent, 0 left") || len(m.alerts(t)) != 1 {
		t.Errorf("send: exit code %d, %d letters to the owner\n%s%s", code, len(m.alerts(t)), out, errs)
	}
}

func TestAServerThatPutsEveryLetterOffIsATroubleAfterAWhile(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	if out := w.ok("status"); !strings.Contains(out, "\nserver 127.0.0.1: not tried yet\n") {
		t.Errorf("before a letter:\n%s", out)
	}
	for _, name := range []string{"a", "b", "c", "d"} {
		w.ok("subscribers", "add", name+"@example.com", "--consent", "yes")
	}
	w.post("second", "2026-11-23", "News.")
	w.ok("build")
	m.mu.Lock()
	m.rcpt = func(string) error {
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "the disk is full"}
	}
	m.mu.Unlock()
	if _, errs, code := w.run(t.Context(), "send", "weekly", "--yes"); code != exitAgain {
		t.Fatalf("send: %d %s", code, errs)
	}
	const reason = "answers, but puts letters off: RCPT: 452 4.3.1 the disk is full"
	out, _, code := w.run(t.Context(), "status")
	if code != 0 || !strings.Contains(out, "\nserver 127.0.0.1: "+reason+", since 2026-11-23 12:") {
		t.Errorf("status at once: exit code %d\n%s", code, out)
	}
	w.pass(20 * time.Minute)
	w.run(t.Context(), "run")
	if trouble, code := w.trouble(); code != exitFindings || !slices.Equal(trouble, []string{"the mail server " + reason}) {
		t.Errorf("status after twenty minutes: %d %q", code, trouble)
	}
	m.mu.Lock()
	m.rcpt = nil
	m.mu.Unlock()
	w.pass(2 * time.Hour)
	w.ok("run")
	out, _, code = w.run(t.Context(), "status")
	if code != 0 || !strings.Contains(out, "\nserver 127.0.0.1: takes letters\n") {
		t.Errorf("status after letters left: exit code %d\n%s", code, out)
	}
}
