package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.example/feed"
)

// hostConfig is a blog below a path that a web server publishes as files.
const hostConfig = `[feeds]
url = "https://example.org/my blog/feeds/"
ttl = "30m"
tags = ["*"]
`

// published builds a blog and copies its feeds to where a host has them.
func published(t *testing.T) (root string) {
	t.Helper()
	w := newWorld(t, hostConfig)
	for n := range 45 {
		w.post(fmt.Sprintf("number%d", n), "2026-11-19", "Text.")
	}
	w.ok("build")
	root = t.TempDir()
	at := filepath.Join(root, "my blog", "feeds")
	if err := os.CopyFS(at, os.DirFS(filepath.Join(w.dir, "feeds"))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "index.xml"), []byte("<other/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The server may work as another user.
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, map[bool]os.FileMode{true: 0o755, false: 0o644}[d.IsDir()])
	})
	for dir := root; err == nil && dir != filepath.Dir(os.TempDir()) && dir != "/"; dir = filepath.Dir(dir) {
		if strings.HasPrefix(dir, os.TempDir()+"/") {
			err = os.Chmod(dir, 0o755)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// freeAddress is a port that is free now.
func freeAddress(t *testing.T) string {
	t.Helper()
	at, err := freePort("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// startHost runs a web server in the foreground until the test ends.
func startHost(t *testing.T, at, program string, args ...string) {
	t.Helper()
	var told strings.Builder
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &told, &told, 3*time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }() // how it ended shows in what it answers
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // a killed one would leave its workers
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if c, err := net.Dial("tcp", at); err == nil {
			c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ended:
			t.Fatalf("%s ended: %s", program, told.String())
		}
	}
	t.Fatalf("%s answers nobody: %s", program, told.String())
}

// checkHost asks a server for feeds of every kind.
func checkHost(t *testing.T, at string) {
	t.Helper()
	want := map[string]string{"feeds.opml": feed.OPMLType, "feeds.html": "text/html"}
	for _, f := range feed.Formats() {
		for _, folder := range []string{"", "tags/first/", "archive/0/"} {
			want[folder+f.FileName()] = f.ContentType()
		}
	}
	for name, media := range want {
		res, err := http.Get("http://" + at + "/my%20blog/feeds/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		got := res.Header.Get("Content-Type")
		if res.StatusCode != http.StatusOK || len(text) == 0 || !strings.HasPrefix(got, media) {
			t.Errorf("%s: %s %q, want %q", name, res.Status, got, media)
		}
		if name != "feeds.html" && (res.Header.Get("Cache-Control") != "public, max-age=1800" || res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("X-Content-Type-Options") != "nosniff") {
			t.Errorf("%s: %v", name, res.Header)
		}
	}
	res, err := http.Get("http://" + at + "/index.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || strings.Contains(got, "rss") {
		t.Errorf("a file of others is %q: %s", got, res.Status)
	}
}

func TestNginxServesTheFilesWithTheirMediaTypes(t *testing.T) {
	t.Parallel()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("the judge nginx is not installed")
	}
	root, at, dir := published(t), freeAddress(t), t.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	writeFile(t, config, fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr;
events { }
http {
  access_log off; client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
  types { text/html html; text/xml xml; application/json json; }
  server { listen %[2]s; root %[3]s; include "%[3]s/my blog/feeds/nginx-feeds.conf"; }
}
`, dir, at, root))
	startHost(t, at, nginx, "-e", "stderr", "-p", dir, "-c", config)
	checkHost(t, at)
}

func TestApacheServesTheFilesWithTheirMediaTypes(t *testing.T) {
	t.Parallel()
	apache, err := exec.LookPath("apache2")
	modules := "/usr/lib/apache2/modules"
	if _, missing := os.Stat(modules); err != nil || missing != nil {
		t.Skip("the judge apache2 is not installed")
	}
	root, at, dir := published(t), freeAddress(t), t.TempDir()
	config := filepath.Join(dir, "apache.conf")
	text := fmt.Sprintf("ServerRoot %[1]q\nServerName 127.0.0.1\nPidFile %[1]s/pid\nErrorLog /dev/stderr\nListen %[2]s\nDocumentRoot %[3]q\n", dir, at, root)
	for _, m := range []string{"mpm_event", "authz_core", "mime", "headers"} {
		text += fmt.Sprintf("LoadModule %s_module %s/mod_%s.so\n", m, modules, m)
	}
	text += fmt.Sprintf("TypesConfig /dev/null\nAddType text/html .html\nAddType text/xml .xml\nAddType application/json .json\n<Directory %q>\n  AllowOverride All\n  Require all granted\n</Directory>\nUser nobody\n", root)
	if os.Getuid() != 0 {
		text = strings.Replace(text, "User nobody\n", "", 1)
	}
	writeFile(t, config, text)
	startHost(t, at, apache, "-X", "-f", config)
	checkHost(t, at)
}

// TestHeadersFileHasOneRuleForEachPlace: Cloudflare joins the values of two
// rules that fit one address, and allows one asterisk a rule, a hundred rules.
func TestHeadersFileHasOneRuleForEachPlace(t *testing.T) {
	t.Parallel()
	text := headersFile("/my blog/feeds/", "public, max-age=60")
	rules := map[string]string{}
	var at string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "/"):
			at = line
			if rules[at] != "" || strings.Count(at, "*") > 1 {
				t.Errorf("the rule %s stands twice or is too wide", at)
			}
		case strings.HasPrefix(line, "  "):
			rules[at] += line + "\n"
		case !strings.HasPrefix(line, "#"):
			t.Errorf("what is %q", line)
		}
	}
	fits := func(rule, path string) bool {
		before, after, deep := strings.Cut(rule, "*")
		return rule == path || deep && len(path) >= len(before)+len(after) && strings.HasPrefix(path, before) && strings.HasSuffix(path, after)
	}
	for path, media := range map[string]string{
		"rss.xml": "application/rss+xml; charset=utf-8", "tags/go/rss.xml": "application/rss+xml; charset=utf-8", "archive/3/atom.xml": "application/atom+xml; charset=utf-8",
		"tags/a/archive/12/feed.json": "application/feed+json; charset=utf-8", "feeds.opml": feed.OPMLType, "feeds.html": "", "own-rss.xml": "",
	} {
		var found []string
		for rule, headers := range rules {
			if fits(rule, "/my%20blog/feeds/"+path) {
				found = append(found, headers)
			}
		}
		if media == "" && len(found) > 0 || media != "" && (len(found) != 1 || !strings.Contains(found[0], "  Content-Type: "+media+"\n")) {
			t.Errorf("%s: %q", path, found)
		}
	}
}
