package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// issue is an issue as `issues list` shows it.
type issue struct {
	ID         int64          `json:"id"`
	Number     int64          `json:"number"`
	Label      string         `json:"label"`
	Recipients int            `json:"recipients"`
	States     map[string]int `json:"states"`
	State      string         `json:"state"`
}

// states shows the states of an issue in one line.
func (i issue) states() string {
	var out []string
	for _, s := range []string{"queued", "leased", "inflight", "deferred", "unknown", "sent", "bounced", "skipped", "failed", "expired", "cancelled"} {
		if i.States[s] > 0 {
			out = append(out, fmt.Sprintf("%d %s", i.States[s], s))
		}
	}
	return strings.Join(out, ", ")
}

// fate is one line of `issues who-got`.
type fate struct {
	Subscriber int64  `json:"subscriber"`
	Address    string `json:"address"`
	State      string `json:"state"`
	Cause      string `json:"cause"`
}

// person is one line of `subscribers list`.
type person struct {
	ID      int64  `json:"id"`
	Address string `json:"address"`
	State   string `json:"state"`
}

// standing is what `status` says.
type standing struct {
	Queue       map[string]int `json:"queue"`
	Subscribers map[string]int `json:"subscribers"`
	Trouble     []string       `json:"trouble"`
}

// open is the number of letters that are neither sent nor explained.
func (s standing) open() (n int) {
	for _, c := range s.Queue {
		n += c
	}
	return n
}

func (w *world) issues() (list []issue, err error) {
	return list, w.read(&list, "issues", "list", "--limit", "100000")
}

// newest is the last issue.
func (w *world) newest() (issue, error) {
	var list []issue
	if err := w.read(&list, "issues", "list", "--limit", "1"); err != nil {
		return issue{}, err
	}
	if len(list) == 0 {
		return issue{}, fmt.Errorf("there is no issue")
	}
	return list[0], nil
}

func (w *world) whoGot(number int64) (list []fate, err error) {
	return list, w.read(&list, "issues", "who-got", strconv.FormatInt(number, 10))
}

func (w *world) people() (list []person, err error) {
	return list, w.read(&list, "subscribers", "list")
}

// standing asks for the status; exit code 4 says that something is wrong.
func (w *world) standing() (s standing, err error) {
	o, err := w.do("--json", "status")
	if err == nil && o.code != 0 && o.code != 4 {
		err = fmt.Errorf("tidings status: exit code %d: %s", o.code, lastLine(o.err))
	}
	if err == nil {
		err = json.Unmarshal([]byte(o.out), &s)
	}
	return s, err
}

// intact asks SQLite whether the file is what it should be.
func (w *world) intact() error {
	out, err := exec.CommandContext(w.ctx, "sqlite3", filepath.Join(w.dir, "tidings.db"), "pragma quick_check").CombinedOutput()
	if text := strings.TrimSpace(string(out)); err != nil || text != "ok" {
		return fmt.Errorf("quick_check: %v: %s", err, text)
	}
	return nil
}
