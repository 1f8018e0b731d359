package main

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// header reads a letter's header and the decoded text part.
func header(t *testing.T, text string) (netmail.Header, string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextPart()
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(part) // quoted-printable is decoded by the reader
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, string(body)
}

func TestADigestReachesEveryReaderOnceThroughARealServer(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	w := newWorld(t, server.config())
	w.database()
	for _, a := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		w.ok("subscribers", "add", a, "--consent", "met at a fair")
	}
	w.post("second", "2026-11-23", "The second post.")
	w.pass(time.Hour)
	w.ok("run")
	if n := len(server.got()); n != 0 {
		t.Fatalf("%d letters before the slot", n)
	}
	w.pass(7 * 24 * time.Hour)
	w.ok("run")
	w.ok("run")
	got := server.got()
	to := map[string]int{}
	for _, l := range got {
		to[l.to]++
		h, body := header(t, l.text)
		if l.from != "news@blog.example.org" || h.Get("List-Id") == "" || h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(h.Get("List-Unsubscribe"), "<https://news.example.org/u/") {
			t.Errorf("headers of %s: %v", l.to, h)
		}
		if !strings.Contains(body, "The second post.") || strings.Contains(body, "The first post.") {
			t.Errorf("the letter to %s says\n%s", l.to, body)
		}
	}
	if len(got) != 3 || len(to) != 3 {
		t.Errorf("letters: %v", to)
	}
	if out := w.ok("issues", "list"); !strings.Contains(out, "finished") {
		t.Errorf("issues list:\n%s", out)
	}
}

func TestAGreylistedReaderIsServedLaterAndOnce(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	server.rcpt = func(string) error {
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "greylisted, come back"}
	}
	w := newWorld(t, server.config()+"connections = 1\n")
	w.database()
	w.ok("subscribers", "add", "a@example.com", "--consent", "yes")
	w.post("second", "2026-11-23", "News.")
	w.ok("build")
	out, errs, code := w.run(t.Context(), "send", "weekly", "--yes")
	if code != exitAgain || len(server.got()) != 0 || !strings.Contains(out, "0 letters sent, 1 left") || !strings.Contains(errs, "does not take 1 letter now") {
		t.Fatalf("exit code %d, %d letters\n%s%s", code, len(server.got()), out, errs)
	}
	out, _, code = w.run(t.Context(), "--json", "run")
	var told struct {
		Scans  []any
		Mailed struct{ Sent, Left int }
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitAgain || told.Mailed.Sent != 0 || told.Mailed.Left != 1 || len(told.Scans) != 1 {
		t.Fatalf("run: exit code %d, %v\n%s", code, err, out)
	}
	server.mu.Lock()
	server.rcpt = nil
	server.mu.Unlock()
	w.pass(time.Hour)
	if out := w.ok("run"); !strings.Contains(out, "1 letter sent, 0 left") {
		t.Errorf("run:\n%s", out)
	}
	if out := w.ok("run"); !strings.Contains(out, "0 letters sent, 0 left") {
		t.Errorf("run again:\n%s", out)
	}
	if n := len(server.got()); n != 1 {
		t.Errorf("%d letters after the server took them", n)
	}
}

func TestWhoUnsubscribesWhileAnIssueGoesOutGetsNoLetter(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	w := newWorld(t, server.config()+"connections = 1\n")
	w.database()
	for _, a := range []string{"a@example.com", "b@example.com"} {
		w.ok("subscribers", "add", a, "--consent", "yes")
	}
	left := false
	server.arrived = func(l letter) {
		if left {
			return
		}
		left = true
		other := map[string]string{"a@example.com": "b@example.com", "b@example.com": "a@example.com"}[l.to]
		// The second letter's intent may be on its way; it is decided in the
		// commit that allows it, after this one.
		if _, errs, code := w.run(context.Background(), "subscribers", "suppress", other); code != 0 {
			t.Errorf("suppress: %s", errs)
		}
	}
	w.post("second", "2026-11-23", "News.")
	w.ok("build")
	w.ok("send", "weekly", "--yes")
	if n := len(server.got()); n != 1 {
		t.Errorf("%d letters", n)
	}
	if out := w.ok("issues", "show", "1"); !strings.Contains(out, "1 skipped") || !strings.Contains(out, "suppressed") {
		t.Errorf("issues show:\n%s", out)
	}
}

func TestAServerThatRefusesUsSuppressesNobody(t *testing.T) {
	t.Parallel()
	server := newMailServer(t)
	w := newWorld(t, server.config()+"username = \"news\"\npassword_env = \"PW\"\n")
	_, errs, code := w.run(t.Context(), "check")
	if code != exitUsage || !strings.Contains(errs, "PW is empty or missing") {
		t.Errorf("check: %d %s", code, errs)
	}
	w.write("pw", "secret")
	text := strings.Replace(server.config(), "\nport =", "\nusername = \"news\"\npassword_file = \"pw\"\nport =", 1)
	w2 := newWorld(t, text)
	w2.write("pw", "secret")
	w2.database()
	w2.ok("subscribers", "add", "a@example.com", "--consent", "yes")
	w2.post("second", "2026-11-23", "News.")
	w2.ok("build")
	// The server offers no AUTH: that is our trouble, not the reader's.
	if _, errs, code := w2.run(t.Context(), "send", "weekly", "--yes"); code != exitAgain || !strings.Contains(errs, "AUTH") && !strings.Contains(errs, "auth") {
		t.Errorf("send: %d %s", code, errs)
	}
	if out := w2.ok("subscribers", "list"); !strings.Contains(out, "active") {
		t.Errorf("subscribers:\n%s", out)
	}
}
