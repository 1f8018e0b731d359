package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// undelivered is a report that a mailbox does not exist.
func undelivered(to string) string {
	return "From: MAILER-DAEMON@mx.example.net\nTo: <" + to + ">\nSubject: Undelivered Mail\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; x@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n\n--b--\n"
}

// spam is a complaint about a letter.
func spam(from string) string {
	return "From: loop@isp.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n" +
		"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Mail-From: <" + from + ">\n\n--b--\n"
}

func TestARunReadsTheMailboxesAndTellsTheOwner(t *testing.T) {
	t.Parallel()
	m := newMailServer(t)
	w := newWorld(t, "unsubscribe = \"leave@blog.example.org\"\nreply_to = \"owner@blog.example.org\"\n"+m.config()+"\n[bounce]\naddress = \"bounces@blog.example.org\"\nmaildir = \"in\"\n")
	w.database()
	for _, name := range []string{"ann", "ben", "eve", "lin"} {
		w.ok("subscribers", "add", name+"@example.net", "--consent", "paper")
	}
	w.ok("send", "weekly", "--since", "2026-01-01", "--yes")
	from, leave := map[string]string{}, ""
	for _, l := range m.got() {
		from[l.to] = l.from
		if l.to == "lin@example.net" {
			_, rest, _ := strings.Cut(l.text, "<mailto:")
			leave, _, _ = strings.Cut(rest, "?")
		}
	}
	if !strings.HasPrefix(leave, "leave+") || len(from) != 4 {
		t.Fatalf("letters came from %v; the way to leave is %q", from, leave)
	}
	// The mailbox is not there yet: a trouble, told once.
	for range 2 {
		if _, errs, code := w.run(t.Context(), "run"); code != 0 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
	}
	alerts := func() (subjects []string) {
		for _, l := range m.got() {
			if l.to == "owner@blog.example.org" {
				_, rest, _ := strings.Cut(l.text, "Subject: ")
				line, _, _ := strings.Cut(rest, "\r\n")
				subjects = append(subjects, line)
			}
		}
		return subjects
	}
	if got := fmt.Sprint(alerts()); got != "[mail that comes back cannot be read]" {
		t.Errorf("the owner is told %s", got)
	}
	if out, _, _ := w.run(t.Context(), "status"); !strings.Contains(out, "mail that comes back cannot be read") {
		t.Errorf("status says nothing of it:\n%s", out)
	}
	w.write("in/new/1.bounce", undelivered(from["ann@example.net"]))
	w.write("in/new/2.spam", spam(from["ben@example.net"]))
	w.write("in/new/3.leave", "From: lin@example.net\nTo: "+leave+"\nSubject: unsubscribe\n\n")
	w.write("in/new/4.person", "From: eve@example.net\nTo: bounces@blog.example.org\nSubject: hello\n\nHow are you?\n")
	w.write("in/cur/.keep", "")
	for range 2 {
		w.ok("run")
	}
	if got := fmt.Sprint(alerts()); got != "[mail that comes back cannot be read 1 complaint of spam]" {
		t.Errorf("the owner is told %s", got)
	}
	if out, _, _ := w.run(t.Context(), "status"); strings.Contains(out, "cannot be read") {
		t.Errorf("status still says:\n%s", out)
	}
	out := w.ok("subscribers", "list")
	for name, state := range map[string]string{"ann": "bounced", "ben": "complained", "lin": "unsubscribed", "eve": "active"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), state+" "+name+"@example.net") {
			t.Errorf("%s is not %s:\n%s", name, state, out)
		}
	}
	left, err := filepath.Glob(filepath.Join(w.dir, "in/*/*.*"))
	for i := range left {
		left[i], _ = filepath.Rel(filepath.Join(w.dir, "in"), left[i])
	}
	if got := fmt.Sprint(left); err != nil || got != "[cur/.keep cur/1.bounce:2,S cur/2.spam:2,S cur/3.leave:2,S cur/4.person:2,]" {
		t.Errorf("left are %s, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "in/new")); err != nil {
		t.Error(err)
	}
}
