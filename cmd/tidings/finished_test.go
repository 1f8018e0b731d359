package main

import (
	"regexp"
	"strings"
	"testing"
)

// closed is when an issue closed, as its owner is told.
func (w *world) closed(number string) string {
	w.t.Helper()
	found := regexp.MustCompile(`(?m)^CLOSED +(.*)$`).FindStringSubmatch(w.ok("issues", "show", number))
	if found == nil {
		w.t.Fatal("the issue has no line CLOSED")
	}
	return found[1]
}

func TestTheDaemonClosesAnIssueWithItsLastLetterAndSaysWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, m.config())
	w.database()
	for _, c := range "abcdefg" {
		w.ok("subscribers", "add", string(c)+"@example.com", "--consent", "yes", "--cadence", "immediate")
	}
	r := w.serve()
	w.post("second", "2026-11-23", "News.")
	r.await("issue finished")
	if !strings.Contains(r.log.String(), "issue=1 digest=weekly letters=7 sent=7 took=") {
		t.Errorf("the log says\n%s", r.log)
	}
	if at := w.closed("1"); !strings.HasPrefix(at, "2026-11-23 12:") {
		t.Errorf("it closed at %q", at)
	}
	r.end()
	if n := strings.Count(r.log.String(), "issue finished"); n != 1 {
		t.Errorf("%d lines say that it is finished", n)
	}
}

func TestAnIssueThatWasSentByHandIsClosedWhenTheCommandEnds(t *testing.T) {
	t.Parallel()
	_, w := newLetter(t)
	out := w.ok("--json", "send", "weekly", "--yes")
	if !strings.Contains(out, `"closed": "2026-11-23T12:`) {
		t.Errorf("send says\n%s", out)
	}
	if at := w.closed("1"); !strings.HasPrefix(at, "2026-11-23 12:") {
		t.Errorf("it closed at %q", at)
	}
}
