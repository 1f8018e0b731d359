package posts

import "testing"

func TestAddressesAreEscapedOnceAndStable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		keep bool
		want string
	}{
		{"/a b/中/", false, "/a%20b/%E4%B8%AD/"}, {"/a%20b", true, "/a%20b"}, {"/a%20b", false, "/a%2520b"}, {"/100%", true, "/100%25"},
		{"/%zz%4", true, "/%25zz%254"}, {"/%e4%b8", true, "/%E4%B8"}, {"/a#b?c", true, "/a%23b%3Fc"}, {"/(a)+b@c:d,e;f='!*~", false, "/(a)+b@c:d,e;f='!*~"},
		{"/\"<>[]{}|\\^`", false, "/%22%3C%3E%5B%5D%7B%7D%7C%5C%5E%60"}, {"/\x00\xff", false, "/%00%FF"},
	} {
		if got := escapePath(c.in, c.keep); got != c.want {
			t.Errorf("%q: want %s, got %s", c.in, c.want, got)
		}
		if once := escapePath(c.in, true); escapePath(once, true) != once {
			t.Errorf("%q: escaping twice differs", c.in)
		}
	}
}

func TestSiteAddressesAreMadeWhole(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"https://a.example": "https://a.example/", "HTTPS://a.example/b//c/?q#f": "https://a.example/b/c/",
		"//a.example/x": "https://a.example/x/", "a.example": "", "/blog": "", "": "", "ftp://a.example": "", "https://u:p@a.example": "https://a.example/"} {
		if got := siteURL(in); got != want {
			t.Errorf("%q: want %q, got %q", in, want, got)
		}
	}
	for in, want := range map[string]bool{"http://localhost:4000/": true, "http://127.0.0.1/": true, "https://a.example/": false, "http://[::1]:80/": true} {
		if localHost(in) != want {
			t.Errorf("%s is local: %t", in, !want)
		}
	}
}

func TestReferencesAreResolvedAgainstPostAndSite(t *testing.T) {
	t.Parallel()
	const site, post = "https://a.example/blog/", "https://a.example/blog/2020/x/"
	for in, want := range map[string]string{"/img/a b.png": "https://a.example/blog/img/a%20b.png", "/blog/img/a.png": "https://a.example/blog/img/a.png",
		"b.png": post + "b.png", "../c.png": "https://a.example/blog/2020/c.png", "//cdn.example/d.png": "https://cdn.example/d.png",
		"https://e.example/ü": "https://e.example/%C3%BC", "": "", "javascript:alert(1)": "", "/../../e": "https://a.example/blog/e"} {
		if got := resolveURL(site, post, in); got != want {
			t.Errorf("%q: want %q, got %q", in, want, got)
		}
	}
	if got := resolveURL("", "", "a.png"); got != "" {
		t.Errorf("without a site: %q", got)
	}
}

func TestPathsCannotClimbOutOfTheSite(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"/../../a": "/a", "/%2e%2e/%2E%2E/b": "/b", "/a/./b/": "/a/b/", "/a/..": "/", "/a.b/c..d": "/a.b/c..d", "/x": "/x"} {
		if got := settled(escapePath(in, true)); got != want {
			t.Errorf("%q: want %q, got %q", in, want, got)
		}
	}
}
