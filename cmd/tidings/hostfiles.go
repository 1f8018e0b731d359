package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tidings.example/feed"
)

// hostFile tells one kind of web server which media types the feeds have: by
// their names alone, servers take them for XML and JSON of any kind.
type hostFile struct{ name, text string }

// servedFile is a kind of file in the folder of the feeds.
type servedFile struct {
	name, media string
	deep        bool // lies in folders below, too
}

func servedFiles() []servedFile {
	var out []servedFile
	for _, f := range feed.Formats() {
		out = append(out, servedFile{f.FileName(), f.ContentType(), true})
	}
	return append(out, servedFile{name: opmlFile, media: feed.OPMLType})
}

// hostFiles are those files for the servers that most static blogs are on.
func (p *program) hostFiles() []hostFile {
	path := "/"
	if u, err := url.Parse(p.feeds.URL); err == nil {
		path = slash(u.Path)
	}
	cache := fmt.Sprintf("public, max-age=%d", time.Duration(p.config.Feeds.TTL)/time.Second)
	return []hostFile{
		{".htaccess", apacheFile(cache)},
		{"_headers", headersFile(path, cache)},
		{"nginx-feeds.conf", nginxFile(path, cache)},
	}
}

// apacheFile works where it lies, for this folder and those below.
func apacheFile(cache string) string {
	var b strings.Builder
	b.WriteString("# " + ownMark + "\n# Apache and LiteSpeed read it here: the media types of feeds.\n")
	for _, f := range servedFiles() {
		fmt.Fprintf(&b, "<Files %q>\n  ForceType %q\n  <IfModule mod_headers.c>\n    Header set Cache-Control %q\n    Header set Access-Control-Allow-Origin \"*\"\n    Header set X-Content-Type-Options \"nosniff\"\n  </IfModule>\n</Files>\n", f.name, f.media, cache)
	}
	return b.String()
}

// headersFile has a rule for each place, and no two for one: Cloudflare joins
// what two rules say, and allows a hundred rules with one asterisk each.
func headersFile(path, cache string) string {
	var b strings.Builder
	b.WriteString("# " + ownMark + "\n# Netlify, Cloudflare Pages and others read it at the root of what they publish;\n# if that is another folder, put these lines into the _headers there.\n")
	path = (&url.URL{Path: path}).EscapedPath()
	for _, f := range servedFiles() {
		places := []string{path + f.name}
		if f.deep {
			places = append(places, path+"*/"+f.name)
		}
		for _, at := range places {
			fmt.Fprintf(&b, "%s\n  Content-Type: %s\n  Cache-Control: %s\n  Access-Control-Allow-Origin: *\n  X-Content-Type-Options: nosniff\n", at, f.media, cache)
		}
	}
	return b.String()
}

// nginxFile is included by the owner. A location by regular expression takes the
// root of the block around it, and no alias.
func nginxFile(path, cache string) string {
	var b strings.Builder
	b.WriteString("# " + ownMark + "\n# nginx: include this file in the server block; the feeds must lie below its root, not an alias.\n")
	for _, f := range servedFiles() {
		folders := ""
		if f.deep {
			folders = "(?:.+/)?"
		}
		fmt.Fprintf(&b, "location ~ \"^%s%s%s$\" {\n  types { }\n  default_type %q;\n  add_header Cache-Control %q;\n  add_header Access-Control-Allow-Origin \"*\";\n  add_header X-Content-Type-Options \"nosniff\";\n}\n",
			strings.ReplaceAll(regexp.QuoteMeta(path), `"`, `\"`), folders, regexp.QuoteMeta(f.name), f.media, cache)
	}
	return b.String()
}
