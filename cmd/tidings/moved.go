package main

import (
	"cmp"
	"net/url"
	"strings"
)

// moved are the paths that feeds had on this server, and their addresses now.
func (p *program) moved() map[string]string {
	root := slash(cmp.Or(p.config.Feeds.URL, p.webURL()))
	out := map[string]string{}
	for from, to := range p.config.Feeds.Moved {
		if path, err := url.PathUnescape(from); err == nil {
			from = path
		}
		if path, ours := strings.CutPrefix(to, "/"); ours {
			to = root + path
		}
		if u, err := url.Parse(to); err == nil {
			to = u.String() // with what needs escaping escaped
		}
		out[from] = to
	}
	return out
}
