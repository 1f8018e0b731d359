package mailer_test

import (
	"bytes"
	"context"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.example/mailer"
)

// letters lists the letters in a folder of Maildirs, tmp/ apart.
func letters(t testing.TB, dir string) []string {
	t.Helper()
	var all []string
	for _, sub := range []string{"new", "cur"} {
		got, err := filepath.Glob(filepath.Join(dir, "*", sub, "*"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got...)
	}
	return all
}

func TestMaildirGetsOneReadableFilePerReader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newRig(t, dir)
	r.issue(t, "weekly", 25)
	box := mailer.Maildir{Dir: filepath.Join(dir, "mail")}
	d := mailer.NewDispatcher(r.config(box))
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := d.Status().Sent; n != 25 {
		t.Errorf("the dispatcher says that it sent %d", n)
	}
	if got := r.states(t); got["sent"] != 25 || len(got) != 1 {
		t.Fatalf("states are %v, want 25 sent", got)
	}
	files := letters(t, box.Dir)
	if len(files) != 25 {
		t.Fatalf("%d files, want 25", len(files))
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if bytes.Contains(text, []byte("\r")) || !strings.HasSuffix(name, ".eml") {
			t.Errorf("%s is not a file of a Maildir", name)
		}
		if filepath.Dir(filepath.Dir(name)) != box.Of(m.Header.Get("To")) {
			t.Errorf("letter to %s lies in %s", m.Header.Get("To"), name)
		}
	}
}

func TestMaildirKeepsOneCopyOfALetterThatIsSentAgain(t *testing.T) {
	t.Parallel()
	box := mailer.Maildir{Dir: t.TempDir()}
	conn, reply := box.Connect(context.Background())
	if conn == nil {
		t.Fatal(reply)
	}
	e := mailer.Envelope{From: "a@b.example", To: "ann@example.org", MessageID: "7.abc@b.example", Date: time.Unix(1700000000, 0)}
	for range 2 {
		if r := conn.Send(t.Context(), e, []byte("A: b\r\n\r\nc\r\n")); r.Class() != mailer.Accepted {
			t.Fatal(r)
		}
	}
	files := letters(t, box.Dir)
	if len(files) != 1 {
		t.Fatalf("files are %v, want one", files)
	}
	// A mail program has shown it and moved it.
	seen := filepath.Join(box.Of(e.To), "cur", filepath.Base(files[0])+":2,S")
	if err := os.Rename(files[0], seen); err != nil {
		t.Fatal(err)
	}
	if r := conn.Send(t.Context(), e, []byte("A: b\r\n\r\nc\r\n")); r.Class() != mailer.Accepted {
		t.Fatal(r)
	}
	if files := letters(t, box.Dir); len(files) != 1 || files[0] != seen {
		t.Fatalf("files are %v, want the seen one alone", files)
	}
}

func TestMaildirStaysInsideOfItsFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box := mailer.Maildir{Dir: filepath.Join(dir, "mail")}
	conn, _ := box.Connect(context.Background())
	for _, to := range []string{"../../x@example.org", "..", ".", "a/b@example.org", "[*]@example.org", "用户@example.org", "a\\b@example.org"} {
		e := mailer.Envelope{To: to, MessageID: "../../" + to, Date: time.Unix(1, 0)}
		for range 2 {
			if r := conn.Send(t.Context(), e, []byte("A: b\r\n\r\n")); r.Class() != mailer.Accepted {
				t.Fatalf("%s: %v", to, r)
			}
		}
	}
	if got := letters(t, box.Dir); len(got) != 7 {
		t.Errorf("%d letters inside, want 7: %v", len(got), got)
	}
	if got, _ := os.ReadDir(dir); len(got) != 1 {
		t.Errorf("something was written outside: %v", got)
	}
}

func TestMaildirTakesAddressesThatAreLongerThanAFileName(t *testing.T) {
	t.Parallel()
	box := mailer.Maildir{Dir: t.TempDir()}
	conn, _ := box.Connect(context.Background())
	odd, long := strings.Repeat("!", 63), strings.Repeat("用户", 40)+"@example.org"
	tos := []string{odd + "1@example.org", odd + "2@example.org", long, "a" + long}
	for _, to := range tos {
		e := mailer.Envelope{To: to, MessageID: "1." + strings.Repeat("!", 80) + to, Date: time.Unix(1700000000, 0)}
		for range 2 {
			if r := conn.Send(t.Context(), e, []byte("A: b\r\n\r\n")); r.Class() != mailer.Accepted {
				t.Fatalf("%s: %v", to, r)
			}
		}
	}
	got := letters(t, box.Dir)
	if len(got) != len(tos) {
		t.Errorf("%d letters of %d", len(got), len(tos))
	}
	for _, path := range got {
		file := filepath.Base(path)
		folder := filepath.Base(filepath.Dir(filepath.Dir(path)))
		if len(file) > 200 || len(folder) > 200 || !strings.HasSuffix(file, ".eml") {
			t.Errorf("names of %d and %d bytes: %s", len(folder), len(file), path)
		}
	}
	if boxes, _ := os.ReadDir(box.Dir); len(boxes) != len(tos) {
		t.Errorf("%d readers share %d folders", len(tos), len(boxes))
	}
}

func TestMaildirLetterWithoutAPossibleFileNameFailsAlone(t *testing.T) {
	t.Parallel()
	dir, part := t.TempDir(), string(filepath.Separator)+strings.Repeat("d", 40)
	for os.MkdirAll(dir+part, 0o700) == nil { // as deep as the system goes
		dir += part
	}
	conn, _ := mailer.Maildir{Dir: dir}.Connect(context.Background())
	e := mailer.Envelope{To: strings.Repeat("a", 60) + "@example.org", MessageID: "1.a", Date: time.Unix(1, 0)}
	if r := conn.Send(t.Context(), e, []byte("A: b\r\n\r\n")); r.Class() != mailer.Poison {
		t.Errorf("%v is %v, want %v", r, r.Class(), mailer.Poison)
	}
}
