package posts

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestLiveCheckReachesOnlyTheSiteItselfAndPublicAddresses(t *testing.T) {
	t.Parallel()
	var inside int
	internal := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside++ }))
	t.Cleanup(internal.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, internal.URL+"/secret", http.StatusFound)
	})
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	byName := "http://localhost:" + strings.TrimPrefix(internal.URL, "http://127.0.0.1:")

	client := LiveClient([]string{site.URL + "/"}, 5*time.Second)
	t.Cleanup(client.CloseIdleConnections)
	live := HTTPLive(client, 5*time.Second)
	for address, want := range map[string]string{
		site.URL + "/ok":                        "",
		site.URL + "/moved":                     "",
		site.URL + "/loop":                      "stopped after 5 redirects",
		site.URL + "/out":                       "no public address",
		internal.URL + "/secret":                "no public address",
		byName + "/secret":                      "no public address",
		"http://169.254.169.254/latest/":        "no public address",
		"http://[::ffff:169.254.169.254]/":      "no public address",
		"http://10.1.2.3/":                      "no public address",
		"http://0.0.0.0:" + site.URL[17:] + "/": "no public address",
	} {
		err := live(t.Context(), address)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	if inside != 0 {
		t.Errorf("the internal server was asked %d times", inside)
	}
}

func TestOnlyPublicAddressesAreOpen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"93.184.215.14": true, "2606:2800:21f:cb07::1": true, "172.32.0.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "::ffff:10.0.0.1": false, "64:ff9b::a9fe:a9fe": false,
		"2002:7f00:1::": false, "224.0.0.1": false, "ff02::1": false, "0.0.0.0": false, "0.1.2.3": false, "::": false,
		"::7f00:1": false, "100.64.0.1": false, "255.255.255.255": false, "198.18.0.1": false,
		"100.63.255.255": true, "100.128.0.0": true, "2a00:1450:4001::1": true, "2400:cb00::1": true, "168.63.129.17": true, "192.0.1.1": true,
		"100.100.100.200": false, "100.127.255.255": false, "168.63.129.16": false, "::ffff:168.63.129.16": false, "192.0.0.192": false, "192.0.2.1": false,
		"198.51.100.1": false, "203.0.113.1": false, "192.88.99.1": false, "::ffff:127.0.0.1": false, "::ffff:0:127.0.0.1": false, "64:ff9b:1::a00:1": false,
		"2001::1": false, "2001:db8::1": false, "3fff::1": false, "fec0::1": false, "fc00::1": false, "febf::1": false, "100::1": false, "5f00::1": false, "4000::1": false,
		"2002:a9fe:a9fe::1": false, "::ffff:100.64.0.1": false, "239.1.1.1": false, "240.0.0.1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: open is %t, want %t", text, got, want)
		}
	}
}

func TestUsualPortsOfASiteAreItsOwn(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{"https://BLOG.example.org/a": true, "http://blog.example.org/a": true, "https://blog.example.org:443/": true,
		"https://blog.example.org:8080/": false, "https://example.org/": false, "https://blog.example.org@evil.example/": false, "https://blog.example.org.evil.example/": false} {
		if got := sameHost("https://blog.example.org/", address); got != want {
			t.Errorf("%s: on the site's host is %t", address, got)
		}
	}
}

func TestAddressOnAnotherHostIsNoURLOfAPost(t *testing.T) {
	t.Parallel()
	for kind, site := range map[Kind]struct{ file, key string }{
		Hexo: {"source/_posts/a.md", "permalink"}, Hugo: {"content/posts/a.md", "url"}, Jekyll: {"_posts/2026-01-02-a.md", "permalink"},
		Eleventy: {"posts/a.md", "permalink"}, Zola: {"content/a.md", "path"}, Markdown: {"a.md", "permalink"},
	} {
		for address, home := range map[string]bool{"http://169.254.169.254/latest/": false, "https://h.example/here/": true} {
			root := writeSite(t, map[string]string{site.file: "---\ntitle: A\ndate: 2026-01-02\n" + site.key + ": " + address + "\n---\nText.\n"})
			d := openSite(t, SiteOptions{Root: root, Kind: kind, BaseURL: "https://h.example/", TimeZone: time.UTC, Include: []string{"**/*.md"}})
			entries := scanAll(t, d, nil, false)
			if len(entries) != 1 || entries[0].Post == nil {
				t.Errorf("%s: %+v", kind, entries)
				continue
			}
			url := entries[0].Post.URL
			if strings.Contains(url, "http://169") || home && !strings.HasPrefix(url, "https://h.example/") {
				t.Errorf("%s: %s: %s gave %q", kind, site.key, address, url)
			}
			told := strings.Contains(problemText(entries[0].Problems), "not on the site's own host: write a path")
			if home && told || !home && url == "" && !told {
				t.Errorf("%s: %s: nobody told that %s is dropped: %v", kind, site.key, address, entries[0].Problems)
			}
		}
	}
}

func problemText(all []Problem) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(p.Message + "\n")
	}
	return b.String()
}
