package faults

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the frozen database is a dump
)

// oldRelease puts the frozen database of the first release into a blog.
func oldRelease(t *testing.T) *Blog {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("..", "..", "cmd", "tidings", "testdata", "upgrade.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	b := &Blog{T: t, Dir: t.TempDir(), Sink: NewSink(t)}
	dump := ""
	for _, file := range strings.Split(string(script), "\n-- ")[1:] {
		name, text, _ := strings.Cut(file, " --\n")
		if name, in := strings.CutPrefix(name, "blog/"); in {
			b.Write(name, text)
		} else if name == "database.sql" {
			dump = text
		}
	}
	db, err := sql.Open("sqlite", b.Database())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(dump); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAnUpgradeThatIsKilledIsDoneByTheNextStart ends the process at the n-th
// write of the migrations.
func TestAnUpgradeThatIsKilledIsDoneByTheNextStart(t *testing.T) {
	t.Parallel()
	tracer := strace(t)
	calm := oldRelease(t)
	want := calm.OK("issues", "list")
	points := 0
	for _, n := range []int{1, 2, 4, 8, 16, 32, 64} {
		b := oldRelease(t)
		if seen, _ := b.runUnder(tracer, writing, "signal=KILL", n, "issues", "list"); seen {
			points++
		}
		if got := b.OK("issues", "list"); got != want {
			t.Errorf("killed at write %d, then:\n%s\nwant\n%s", n, got, want)
		}
		b.OK("backup", b.Path("judged.db")) // reads all of it
	}
	if points < 4 {
		t.Errorf("only %d of the kills were seen", points)
	}
}

// renaming are the calls that give files their names, besides those that write.
const renaming = "pwrite64,write,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat"

// TestARestoreThatIsKilledLeavesTheOldOrTheNewDatabase ends backup and restore
// at the n-th call that changes the disk.
func TestARestoreThatIsKilledLeavesTheOldOrTheNewDatabase(t *testing.T) {
	t.Parallel()
	tracer := strace(t)
	b := NewBlog(t, Options{Readers: 40})
	b.OK("run")
	b.OK("backup", b.Path("first.db"))
	first, err := os.ReadFile(b.Path("first.db"))
	if err != nil {
		t.Fatal(err)
	}
	b.OK("subscribers", "add", "new@example.org", "--consent", "paper")
	b.OK("run")
	points := 0
	for _, n := range []int{1, 2, 3, 4, 6, 9, 14, 20, 30} {
		if seen, _ := b.runUnder(tracer, renaming, "signal=KILL", n, "backup", b.Path("again.db")); seen {
			points++
		}
		if _, err := os.Stat(b.Path("again.db")); err == nil {
			whole := b.beside(t.TempDir())
			whole.Write("tidings.toml", b.Config())
			whole.OK("restore", b.Path("again.db"))
		}
		if seen, _ := b.runUnder(tracer, renaming, "signal=KILL", n, "restore", b.Path("first.db"), "--replace"); seen {
			points++
		}
		list := b.OK("subscribers", "export")
		old, restored := strings.Contains(list, "new@example.org"), strings.Count(list, "@example.org")
		if restored != 40 && !old || old && restored != 41 {
			t.Fatalf("killed at call %d, the list has %d readers", n, restored)
		}
		if !old {
			b.waits("is a backup of")
			b.OK("resume", "--open", "send")
			b.OK("subscribers", "add", "new@example.org", "--consent", "paper")
		}
		b.OK("run")
		if after, err := os.ReadFile(b.Path("first.db")); err != nil || string(after) != string(first) {
			t.Fatalf("the backup itself was changed: %v", err)
		}
	}
	if points < 8 {
		t.Errorf("only %d of the kills were seen", points)
	}
	if b.Sink.Count() > 0 {
		t.Errorf("%d letters went out", b.Sink.Count())
	}
}
