package doctor_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tidings.example/internal/doctor"
)

// unsubscribed asks a server as the doctor does, and counts what it asked.
func unsubscribed(t *testing.T, now time.Time, secure bool, answer http.HandlerFunc) []doctor.Finding {
	t.Helper()
	srv := httptest.NewUnstartedServer(answer)
	srv.EnableHTTP2 = false
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	c := doctor.Client(5 * time.Second)
	if secure {
		pool := x509.NewCertPool()
		pool.AddCert(srv.Certificate())
		c.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return doctor.Web{Client: c, Now: now}.Unsubscribe(t.Context(), srv.URL+"/u/token-of-nobody")
}

func TestTheLinkToUnsubscribeIsTriedAsReadersDo(t *testing.T) {
	t.Parallel()
	say := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	for _, c := range []struct {
		what   string
		secure bool
		answer http.HandlerFunc
		level  doctor.Level
		words  string
	}{
		{"works", true, say(http.StatusOK), doctor.OK, "readers can open links"},
		{"works by one click", true, say(http.StatusOK), doctor.OK, "one-click unsubscribing works"},
		{"in clear", false, say(http.StatusOK), doctor.Warn, "not by https"},
		{"not there", true, say(http.StatusNotFound), doctor.Fail, "GET /u/… with 404 Not Found"},
		{"another server", true, say(http.StatusBadGateway), doctor.Fail, "502"},
		{"led elsewhere", true, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://www.example.org/", http.StatusFound)
		}, doctor.Fail, "302 Found, to https://www.example.org/"},
		{"no POST", true, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		}, doctor.Fail, "POST /u/… with 405"},
		{"the press of a mail program", true, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.PostFormValue("List-Unsubscribe") != "One-Click" {
				w.WriteHeader(http.StatusBadRequest)
			}
		}, doctor.OK, "one-click unsubscribing works"},
	} {
		got := unsubscribed(t, time.Now(), c.secure, c.answer)
		want(t, c.what, got, c.level, c.words)
		for _, f := range got {
			if strings.Contains(f.What, "token-of-nobody") {
				t.Errorf("%s: a token is shown: %s", c.what, f.What)
			}
		}
	}
	got := doctor.Web{Client: doctor.Client(time.Second), Now: time.Now()}.Unsubscribe(t.Context(), "https://127.0.0.1:1/u/x")
	want(t, "nobody there", got, doctor.Fail, "127.0.0.1:1 does not answer")
	srv := httptest.NewUnstartedServer(say(http.StatusOK))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshake fails
	srv.StartTLS()
	t.Cleanup(srv.Close)
	got = doctor.Web{Client: doctor.Client(5 * time.Second), Now: time.Now()}.Unsubscribe(t.Context(), srv.URL+"/u/x")
	want(t, "unknown authority", got, doctor.Fail, "certificate signed by unknown authority")
}

func TestTheClockIsComparedWithTheServers(t *testing.T) {
	t.Parallel()
	ok := func(http.ResponseWriter, *http.Request) {}
	want(t, "right", unsubscribed(t, time.Now(), true, ok), doctor.OK, "agrees")
	want(t, "fast", unsubscribed(t, time.Now().Add(5*time.Minute), true, ok), doctor.Warn, "ahead of")
	want(t, "slow", unsubscribed(t, time.Now().Add(-26*time.Hour), true, ok), doctor.Fail, "behind a server's")
	want(t, "no date", unsubscribed(t, time.Now(), true, func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil }), doctor.OK, "readers can open links")
}

func TestCertificatesAreRenewedInTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	state := func(days int) *tls.ConnectionState {
		return &tls.ConnectionState{Version: tls.VersionTLS13, PeerCertificates: []*x509.Certificate{{NotAfter: now.AddDate(0, 0, days)}}}
	}
	for days, level := range map[int]doctor.Level{90: doctor.OK, 15: doctor.OK, 13: doctor.Warn, -1: doctor.Warn} {
		if f := doctor.Certificate("tls", "mail.example.org", state(days), now); f.Level != level {
			t.Errorf("%d days: %+v, want %s", days, f, level)
		}
	}
}

func TestAMailServerIsJudgedByWhatItShowed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	sound := &tls.ConnectionState{Version: tls.VersionTLS12, PeerCertificates: []*x509.Certificate{{NotAfter: now.AddDate(1, 0, 0)}}}
	for _, c := range []struct {
		what  string
		m     doctor.MailServer
		level doctor.Level
		words string
	}{
		{"TLS", doctor.MailServer{TLS: sound}, doctor.OK, "speaks TLS 1.2"},
		{"here", doctor.MailServer{}, doctor.OK, "in clear"},
		{"logged in", doctor.MailServer{TLS: sound, User: "ann"}, doctor.OK, "lets ann log in"},
		{"all", doctor.MailServer{Offers: []string{"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8"}}, doctor.OK, "offers PIPELINING, SIZE, 8BITMIME, SMTPUTF8"},
		{"little", doctor.MailServer{Offers: []string{"8BITMIME"}}, doctor.OK, "no PIPELINING (each letter"},
		{"small letters", doctor.MailServer{Size: 100 << 10}, doctor.Warn, "at most 100 KB"},
		{"no password", doctor.MailServer{Phase: "AUTH", Fault: "535 5.7.8 no"}, doctor.Fail, "at AUTH: 535 5.7.8 no"},
		{"not there", doctor.MailServer{Phase: "connect", Fault: "refused"}, doctor.Fail, "at connect"},
		{"no TLS", doctor.MailServer{Phase: "STARTTLS", Fault: "not offered"}, doctor.Fail, "at STARTTLS"},
		{"goes away", doctor.MailServer{Phase: "greeting", Fault: "554 no"}, doctor.Fail, "at greeting"},
	} {
		c.m.Name = "mail.example.org:587"
		want(t, c.what, c.m.Judge(now), c.level, c.words)
	}
}

func TestSecretsAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no modes of files")
	}
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"good": 0o600, "open": 0o640} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	got := doctor.Secrets(filepath.Join(dir, "good"), filepath.Join(dir, "open"), filepath.Join(dir, "missing"), "")
	want(t, "open", got, doctor.Fail, "open can be read or written by others")
	want(t, "good", got, doctor.OK, "1 files")
	if len(got) != 2 {
		t.Errorf("%+v", got)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	want(t, "folder", doctor.Secrets(filepath.Join(dir, "good")), doctor.Fail, "can be written by everybody")
}

func TestTheDiskHasRoom(t *testing.T) {
	t.Parallel()
	for free, level := range map[uint64]doctor.Level{10 << 20: doctor.Fail, 500 << 20: doctor.Warn, 5 << 30: doctor.OK} {
		if f := doctor.Room("/data", free); f.Level != level || f.Bad() == (f.Do == "") {
			t.Errorf("%d bytes: %+v, want %s", free, f, level)
		}
	}
	if f := doctor.Disk(t.TempDir()); f.Level == doctor.Skip && runtime.GOOS == "linux" {
		t.Errorf("%+v", f)
	}
}
