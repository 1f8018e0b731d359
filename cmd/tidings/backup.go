package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tidings.example/internal/store"
)

type backupCmd struct {
	Dest string `arg:"" help:"A file, or a folder that gets a file with the time in its name."`
	Keep *int   `placeholder:"N" help:"In a folder: keep the newest N backups and remove the older ones."`
}

// Help tells what a backup is and is not.
func (backupCmd) Help() string {
	return "Copies the database, while a daemon works on it, too. The copy is opened and judged before it gets its name, so what lies there is whole. It holds addresses and keys: keep it where nobody else reads it. " +
		"It mails nothing wherever it is put, before tidings resume. A ledger that breaks its own rules is copied all the same: then it says which, removes no older backup, and ends with exit code 4. Not in it: the configuration, password files, templates, and the blog."
}

// backedUp is what backup tells of its work.
type backedUp struct {
	File string `json:"file"`
	store.Backup
	Removed []string `json:"removed"`
}

// Run makes a backup.
func (c backupCmd) Run(ctx context.Context, sh *shell) error {
	if c.Keep != nil && *c.Keep < 1 {
		return usagef("--keep %d: write a number from 1 on; leave it out to keep all", *c.Keep)
	}
	if c.Dest == "" {
		return usagef("backup: the name is empty: write a file or a folder")
	}
	return sh.lookup(ctx, func(p *program) error {
		now := sh.now()
		path, folder := store.BackupPath(c.Dest, now)
		if c.Keep != nil && !folder {
			return usagef("--keep: %s is no folder: make it first", c.Dest)
		}
		if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
			return usagef("backup %s: there is no folder %s: make it first", c.Dest, filepath.Dir(path))
		}
		done := sh.progress("backup")
		b, err := p.db.Backup(ctx, path, version(), now)
		done()
		if err != nil {
			return err
		}
		out := backedUp{File: path, Backup: b, Removed: []string{}}
		broken := len(b.Breaches) > 0
		if c.Keep != nil && !broken { // the older ones may be whole
			gone, err := store.PruneBackups(filepath.Dir(path), *c.Keep)
			if out.Removed = append(out.Removed, gone...); err != nil {
				return err
			}
		}
		if sh.args.JSON {
			return errors.Join(sh.printJSON(out), breached(broken))
		}
		judged := "judged whole"
		if broken {
			judged = "NOT WHOLE"
		}
		sh.printf("%s: %s, %s, %d KB, %s; addresses and keys are in it, only you may read it\n", path, count(b.Subscribers, "subscriber"), count(b.Issues, "issue"), (b.Size+1023)/1024, judged)
		if n := openLetters(b.Open); n > 0 {
			sh.printf("%s open at that instant: restored, it cannot know whether they went out\n", count(n, "letter")+" "+were(n))
		}
		for _, gone := range out.Removed {
			sh.printf("removed %s\n", gone)
		}
		sh.printBreaches(b)
		if broken && c.Keep != nil {
			sh.printf("No older backup was removed.\n")
		}
		return breached(broken)
	})
}

// printBreaches says which rules of the ledger a backup breaks.
func (sh *shell) printBreaches(b store.Backup) {
	for _, line := range b.Breaches {
		sh.printf("! %s\n", line)
	}
	if len(b.Breaches) > 0 {
		sh.printf("The ledger breaks its rules: tidings doctor tells all of it. Keep an older backup, too.\n")
	}
}

// breached gives the exit code of a finding that was printed already.
func breached(is bool) error {
	if is {
		return &exitError{code: exitFindings}
	}
	return nil
}

func openLetters(q store.Queue) int {
	return q.Queued + q.Leased + q.Inflight + q.Deferred + q.Unknown
}

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

type restoreCmd struct {
	File    string `arg:"" help:"A backup, or a copy of a database."`
	Replace bool   `help:"Take the place of the database that is there; it is kept beside it."`
}

// Help tells what a restore leaves to the owner.
func (restoreCmd) Help() string {
	return "Puts a backup in the place of the database, after it was copied, brought up to date and judged. A daemon must be stopped first (exit code 11). What was there is kept beside it. " +
		"A backup whose ledger breaks its own rules is restored, too: which they are is said, and the exit code is 4. " +
		"Nothing is mailed then before tidings resume, which tells what is in doubt. Where a whole disk or machine was set back there is nothing to see it by: remove the file that ends in .mark before you start tidings."
}

// Run restores.
func (c restoreCmd) Run(ctx context.Context, sh *shell) error {
	cfg, err := sh.config()
	if err != nil {
		return err
	}
	switch info, err := os.Stat(c.File); {
	case errors.Is(err, fs.ErrNotExist):
		return usagef("restore: no file %q: name a backup", c.File)
	case err != nil:
		return usagef("restore: %v", err)
	case info.IsDir():
		return usagef("restore: %s is a folder: name the backup in it", c.File)
	}
	done := sh.progress("restore")
	r, err := store.Restore(ctx, c.File, cfg.Database.Path, version(), c.Replace, sh.now())
	done()
	if err != nil {
		return err
	}
	b := r.Backup
	broken := breached(len(b.Breaches) > 0)
	if sh.args.JSON {
		return errors.Join(sh.printJSON(r), broken)
	}
	sh.printf("Restored %s as of %s: %s, %s, schema %d.\n", cfg.Database.Path, b.At.Format("2006-01-02 15:04:05 MST"), count(b.Subscribers, "subscriber"), count(b.Issues, "issue"), b.Schema)
	if r.Aside != "" {
		sh.printf("What was there is %s now.\n", r.Aside)
	}
	if n := openLetters(b.Open); n > 0 {
		sh.printf("%s open then, and may have gone out since.\n", count(n, "letter")+" "+were(n))
	}
	if r.Fence.Letters > 0 {
		sh.printf("Up to %s went out after it was made; it does not know to whom.\n", count(int(r.Fence.Letters), "letter"))
	}
	sh.printf(`Subscriptions, confirmations and unsubscriptions since then are not in it.

Nothing is mailed now; feeds and scans go on. Choose what becomes of letters in doubt:
  tidings resume               holds the open issues for tidings issues retry or cancel, and
                               counts as mailed what fell due until now: nobody gets it twice
  tidings resume --open send   mails what is open and due: who got it since gets it again
  tidings resume --open done   ends the open issues as mailed
`)
	sh.printBreaches(b)
	return broken
}
