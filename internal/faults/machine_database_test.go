package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// copyTree copies a file or a folder as people do, times and all.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
}

// waits runs a round that must mail nothing, and says why.
func (b *Blog) waits(why string) {
	b.T.Helper()
	before := b.Sink.Count()
	said, code := b.Run("run")
	if code != 4 || !strings.Contains(said, "mailing waits: ") || !strings.Contains(said, why) {
		b.T.Errorf("exit code %d, want 4 and %q: %s", code, why, said)
	}
	if n := b.Sink.Count() - before; n > 0 {
		b.T.Errorf("%d letters went out all the same", n)
	}
}

// beside is the same blog in another folder.
func (b *Blog) beside(dir string) *Blog {
	other := *b
	other.Dir = dir
	return &other
}

func TestTwoDaemonsMailOnce(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: 120})
	first := b.Start("serve")
	first.Await("tidings serves")
	links := b.beside(t.TempDir())
	for _, name := range []string{"tidings.toml", "tidings.db", "blog"} {
		if err := os.Symlink(b.Path(name), links.Path(name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, second := range map[string]*Blog{"the same folder": b, "a folder of links": links} {
		for _, command := range [][]string{{"serve"}, {"run"}, {"send", "news", "--yes"}} {
			said, code := second.Run(command...)
			if code != 11 || !strings.Contains(said, fmt.Sprintf("is in use by tidings serve, process %d", first.PID())) {
				t.Errorf("%s from %s: exit code %d: %s", command[0], name, code, said)
			}
		}
	}
	b.Post()
	b.Sink.Await(120)
	first.Term()
	if code := first.Wait(); code != 0 {
		t.Errorf("the first one ends with %d: %s", code, first.Said())
	}
	b.Expect(1, 0, "120 recipients: 120 sent; finished; 0 missing, 0 extra")
}

// TestADatabaseThatIsNotTheNewestMailsNothing is the table of backups and copies.
func TestADatabaseThatIsNotTheNewestMailsNothing(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: 60})
	b.OK("run")
	b.OK("backup", b.Path("backup.db"))
	old := filepath.Join(t.TempDir(), "old")
	copyTree(t, b.Dir, old)
	b.Post()
	b.OK("run")
	const done = "60 recipients: 60 sent; finished; 0 missing, 0 extra"
	b.Expect(1, 0, done)
	for _, c := range []struct {
		name, why string
		spoil     func(t *testing.T, b *Blog)
	}{
		{"an old copy of the database", "is of another one", func(t *testing.T, b *Blog) { copyTree(t, filepath.Join(old, "tidings.db"), b.Database()) }},
		{"an old copy of the folder", "", func(t *testing.T, b *Blog) {
			for _, name := range []string{"tidings.db", "tidings.db.mark"} {
				if err := os.Remove(b.Path(name)); err != nil {
					t.Fatal(err)
				}
				copyTree(t, filepath.Join(old, name), b.Path(name))
			}
		}},
		{"a backup that was restored", "is a backup of", func(_ *testing.T, b *Blog) { b.OK("restore", b.Path("backup.db"), "--replace") }},
		{"a backup that was copied, and no mark", "is a backup of", func(t *testing.T, b *Blog) {
			copyTree(t, b.Path("backup.db"), b.Database())
			if err := os.Remove(b.Path("tidings.db.mark")); err != nil {
				t.Fatal(err)
			}
		}},
		{"a copy of the folder", "copied or moved", func(*testing.T, *Blog) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "copy")
			copyTree(t, b.Dir, dir)
			other := b.beside(dir)
			other.T = t
			if c.name != "a copy of the folder" {
				// The folder has moved here, and that was asked about.
				other.waits("copied or moved")
				other.OK("resume", "--open", "send")
				other.OK("run")
			}
			c.spoil(t, other)
			other.waits(c.why)
			other.waits(c.why)
			var r struct{ Fence struct{ Kind string } }
			other.JSON(&r, "resume", "--open", "hold")
			if r.Fence.Kind == "" {
				t.Error("there was nothing to resume")
			}
			other.OK("run")
			if n := len(b.Sink.Letters()); n != 60 {
				t.Errorf("%d letters came in all, want 60", n)
			}
		})
	}
}

// TestADatabaseThatWasPutBackByHandMailsNothing copies an old database over the
// newest one, where it was: the round after it mails what is new since.
func TestADatabaseThatWasPutBackByHandMailsNothing(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: 60})
	b.OK("run")
	copyTree(t, b.Database(), b.Path("old.db"))
	b.Post()
	b.OK("run")
	copyTree(t, b.Path("old.db"), b.Database())
	b.waits("older than what was mailed from it, and up to 60 letters went out since")
	b.OK("resume")
	b.OK("run")
	if n := b.Sink.Count(); n != 60 {
		t.Errorf("%d letters came, want 60", n)
	}
	b.Post()
	b.OK("run")
	b.Expect(1, 0, "60 recipients: 60 sent; finished; 0 missing, 0 extra")
	ids := map[string]bool{}
	for _, l := range b.Sink.Letters() {
		ids[l.ID] = true
	}
	// Mail programs show one of two letters with the same id.
	if len(ids) != 120 {
		t.Errorf("%d letters have %d Message-IDs", b.Sink.Count(), len(ids))
	}
}

// TestALogThatAKilledSenderLeftIsNotReadIntoABackup moves a backup over the
// database by hand, after a crash.
func TestALogThatAKilledSenderLeftIsNotReadIntoABackup(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: 60})
	b.OK("run")
	b.OK("backup", b.Path("backup.db"))
	b.Post()
	p := b.Start("run")
	b.Sink.Await(5)
	p.Kill()
	p.Wait()
	copyTree(t, b.Path("backup.db"), b.Path("other.db"))
	if err := os.Rename(b.Path("backup.db"), b.Database()); err != nil {
		t.Fatal(err)
	}
	if said, code := b.Run("run"); code != 1 || !strings.Contains(said, "its log (the file that ends in -wal) belongs to the database that was here before") {
		t.Errorf("exit code %d: %s", code, said)
	}
	b.OK("restore", b.Path("other.db"), "--replace")
	b.waits("is a backup of")
}

// TestADaemonWhoseDatabaseIsReplacedEnds moves a backup over the database while
// an issue goes out: what went out by then is not in it.
func TestADaemonWhoseDatabaseIsReplacedEnds(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: readers})
	b.OK("run")
	b.OK("backup", b.Path("backup.db"))
	b.Post()
	p := b.Start("serve")
	b.Sink.Await(20)
	if err := os.Rename(b.Path("backup.db"), b.Database()); err != nil {
		t.Fatal(err)
	}
	if code := p.Wait(); code != 1 || !strings.Contains(p.Said(), "the database file was replaced while it was open") {
		t.Errorf("exit code %d: %s", code, p.Said())
	}
	b.waits("is a backup of")
	// Nobody gets a second letter, unless the owner wants it.
	went := b.Sink.Count()
	b.OK("resume")
	b.OK("run")
	if n := b.Sink.Count(); n != went {
		t.Errorf("%d letters went out again", n-went)
	}
}

func TestADatabaseThatCannotBeUsedIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	b := NewBlog(t, Options{Readers: 60})
	b.OK("run")
	b.Post()
	whole, err := os.ReadFile(b.Database())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"cut in half": whole[:len(whole)/2], "empty": {}, "another file": []byte("a letter to my mother, long enough to be read as a header of a database, and then some more")} {
		if err := os.WriteFile(b.Database(), text, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"run", "serve", "status"} {
			if said, code := b.Run(command); code == 0 || !strings.Contains(said, "tidings.db") {
				t.Errorf("%s with a database %s: exit code %d: %s", command, name, code, said)
			}
		}
		if after, err := os.ReadFile(b.Database()); err != nil || string(after) != string(text) {
			t.Errorf("a database %s was changed", name)
		}
	}
	if b.Sink.Count() > 0 {
		t.Error("letters went out")
	}
	if err := os.WriteFile(b.Database(), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	b.OK("run")
	b.Expect(1, 0, "60 recipients: 60 sent; finished; 0 missing, 0 extra")
}

func TestADatabaseThatMayOnlyBeReadMailsNothing(t *testing.T) {
	t.Parallel()
	o := Options{Readers: 60}
	if os.Geteuid() == 0 {
		o.User = 65534 // root may write anywhere
	}
	b := NewBlog(t, o)
	b.Post()
	for _, set := range []struct {
		path string
		mode os.FileMode
	}{{b.Database(), 0o400}, {b.Dir, 0o500}} {
		if err := os.Chmod(set.path, set.mode); err != nil {
			t.Fatal(err)
		}
		if said, code := b.Run("run"); code != 1 || !strings.Contains(said, "tidings.db") {
			t.Errorf("exit code %d: %s", code, said)
		}
		if err := os.Chmod(set.path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	// SQLite gives the files beside a database the mode that it has.
	for _, more := range []string{"-wal", "-shm"} {
		info, err := os.Stat(b.Database() + more)
		if err != nil || info.Mode() != 0o400 {
			continue
		}
		if said, code := b.Run("run"); code != 1 || !strings.Contains(said, "tidings.db"+more+" may not be written") {
			t.Errorf("exit code %d: %s", code, said)
		}
		if err := os.Chmod(b.Database()+more, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.OK("run")
	b.Expect(1, 0, "60 recipients: 60 sent; finished; 0 missing, 0 extra")
}
