package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// memory is Marks in memory.
type memory struct {
	mu  sync.Mutex
	all map[string]string
}

func (m *memory) Mark(_ context.Context, source, mark string) (string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.all[source+"\x00"+mark]
	return v, ok, nil
}

func (m *memory) SetMark(_ context.Context, source, mark, value string, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[string]string{}
	}
	m.all[source+"\x00"+mark] = value
	return nil
}

func (m *memory) DropMarks(_ context.Context, source string, gone func(string) bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k := range m.all {
		if s, mark, _ := strings.Cut(k, "\x00"); s == source && gone(mark) {
			delete(m.all, k)
		}
	}
	return nil
}

// taker takes messages: those with "person" in them stay for one, those with
// "fail" fail.
type taker struct {
	mu  sync.Mutex
	got []string
	to  []string
}

var errFail = errors.New("not now")

func (k *taker) take(_ context.Context, m Message) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	text := string(m.Raw)
	if strings.Contains(text, "fail") {
		return false, errFail
	}
	k.got, k.to = append(k.got, strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))), append(k.to, m.To...)
	return !strings.Contains(text, "person"), nil
}

// wants compares what was taken since the last look.
func (k *taker) wants(t *testing.T, want ...string) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	slices.Sort(k.got)
	slices.Sort(want)
	if !slices.Equal(k.got, want) {
		t.Errorf("taken are %q, want %q", k.got, want)
	}
	k.got = nil
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	for _, sub := range []string{"new", "cur"} {
		list, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			names = append(names, sub+"/"+e.Name())
		}
	}
	return names
}

func TestAMaildirIsReadOnceAndMarkedAfterwards(t *testing.T) {
	t.Parallel()
	dir, marks := t.TempDir(), &memory{}
	for name, text := range map[string]string{"new/1.a": "one", "new/2.a": "a person", "new/3.a": "fail", "cur/4.a:2,": "four", "cur/5.a:2,S": "seen", "cur/6.a:2,FR": "six", "new/.hidden": "no"} {
		put(t, filepath.Join(dir, name), text)
	}
	d, k := Maildir{Dir: dir, Marks: marks, Now: time.Now}, &taker{}
	if err := d.Round(t.Context(), k.take); !errors.Is(err, errFail) || !strings.Contains(err.Error(), "new/3.a") {
		t.Error(err)
	}
	k.wants(t, "one", "a person", "four", "six")
	if got, want := fmt.Sprint(files(t, dir)), "[new/.hidden new/3.a cur/1.a:2,S cur/2.a:2, cur/4.a:2,S cur/5.a:2,S cur/6.a:2,FRS]"; got != want {
		t.Errorf("left are %s, want %s", got, want)
	}
	put(t, filepath.Join(dir, "new/3.a"), "three")
	for range 2 {
		if err := d.Round(t.Context(), k.take); err != nil {
			t.Error(err)
		}
	}
	k.wants(t, "three")
	if err := os.Remove(filepath.Join(dir, "cur/2.a:2,")); err != nil {
		t.Fatal(err)
	}
	if err := d.Round(t.Context(), k.take); err != nil || len(marks.all) != 0 {
		t.Errorf("marks of messages that are gone: %v, %v", marks.all, err)
	}
	d.Delete = true
	put(t, filepath.Join(dir, "new/7.a"), "seven")
	if err := d.Round(t.Context(), k.take); err != nil || slices.Contains(files(t, dir), "cur/7.a:2,S") || slices.Contains(files(t, dir), "new/7.a") {
		t.Errorf("left are %v, %v", files(t, dir), err)
	}
	k.got = nil
	before := files(t, dir)
	if err := d.Each(t.Context(), k.take); err != nil || !slices.Equal(before, files(t, dir)) || len(k.got) != 5 {
		t.Errorf("each has changed the folder to %v, %v, %q", files(t, dir), err, k.got)
	}
	if err := (Maildir{Dir: dir + "x", Marks: marks}).Round(t.Context(), k.take); err == nil {
		t.Error("a folder that is not there is no mistake")
	}
}

const fromLine = "From MAILER-DAEMON Mon Nov 23 08:00:05 2026\n"

func TestAnMboxIsReadFromWhereTheLastRoundEnded(t *testing.T) {
	t.Parallel()
	path, marks, k := filepath.Join(t.TempDir(), "box"), &memory{}, &taker{}
	b := Mbox{Path: path, Marks: marks, Now: time.Now}
	round := func(want ...string) {
		t.Helper()
		if err := b.Round(t.Context(), k.take); err != nil {
			t.Error(err)
		}
		k.wants(t, want...)
	}
	round()
	one, two := fromLine+"A: 1\n\nFrom here on\nit goes.\n\n", fromLine+"A: 2\n\n>From x\n\n"
	put(t, path, one+two)
	round(strings.TrimSpace(one), strings.TrimSpace(two))
	round()
	three := fromLine + "A: 3\n\nx\n"
	put(t, path, one+two+three)
	round(strings.TrimSpace(three))
	// A mail program removed the first one: everything is read again, and counts
	// once for who takes it.
	put(t, path, two+three)
	round(strings.TrimSpace(two), strings.TrimSpace(three))
	bad := fromLine + "A: fail\n\n"
	put(t, path, two+three+"\n"+bad+one)
	if err := b.Round(t.Context(), k.take); !errors.Is(err, errFail) {
		t.Error(err)
	}
	k.wants(t)
	put(t, path, two+three+"\n"+strings.Replace(bad, "fail", "pass", 1)+one)
	round(strings.TrimSpace(strings.Replace(bad, "fail", "pass", 1)), strings.TrimSpace(one))
	put(t, path, "")
	round()
}

func TestAPipeHoldsOneMessageOrSeveral(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":   {"", nil},
		"blank":     {"\r\n\r\n", nil},
		"one":       {"Subject: a\n\n" + fromLine + "\ntext\n", []string{"Subject: a\n\n" + fromLine + "\ntext"}},
		"behind it": {fromLine + "Subject: a\n\nFrom me\n", []string{fromLine + "Subject: a\n\nFrom me"}},
		"two":       {fromLine + "A: 1\n\n" + fromLine + "A: 2\n", []string{fromLine + "A: 1", fromLine + "A: 2"}},
		"CRLF":      {strings.ReplaceAll(fromLine+"A: 1\n\n"+fromLine+"A: 2\n", "\n", "\r\n"), []string{fromLine + "A: 1", fromLine + "A: 2"}},
		"no blank":  {fromLine + "A: 1\n" + fromLine + "A: 2\n", []string{fromLine + "A: 1\n" + fromLine + "A: 2"}},
	} {
		k := &taker{}
		if err := Stream(t.Context(), "stdin", bufio.NewReaderSize(strings.NewReader(c.in), 64), k.take); err != nil {
			t.Error(err)
		}
		t.Log(name)
		k.wants(t, c.want...)
	}
	k := &taker{}
	if err := Stream(t.Context(), "stdin", bufio.NewReader(strings.NewReader("A: fail\n")), k.take); !errors.Is(err, errFail) {
		t.Error(err)
	}
	long := &taker{}
	if err := Stream(t.Context(), "stdin", bufio.NewReader(strings.NewReader(strings.Repeat("x", 3*MaxRaw))), long.take); err != nil || len(long.got) != 1 || len(long.got[0]) != MaxRaw {
		t.Errorf("%v, %d messages", err, len(long.got))
	}
}

func FuzzStream(f *testing.F) {
	f.Add(fromLine + "A: 1\n\n" + fromLine + "A: 2\n")
	f.Add("From \n\nFrom x 10:10 2026\n")
	f.Fuzz(func(t *testing.T, text string) {
		total := 0
		s := &splitter{r: bufio.NewReaderSize(strings.NewReader(text), 16)}
		for {
			before := s.at
			raw, err := s.next()
			if err != nil {
				break
			}
			if total = int(s.at); s.at < before || s.at > int64(len(text)) || string(raw) != strings.TrimLeft(text[before:s.at], "\r\n") && string(raw) != text[before:s.at] {
				t.Fatalf("from %d to %d is %q", before, s.at, raw)
			}
		}
		if rest := text[total:]; strings.TrimSpace(rest) != "" {
			t.Fatalf("%q is left", rest)
		}
	})
}
