package posts

import (
	"fmt"
	"path"
	"strings"
)

// checkGlob tells whether a glob is well formed.
func checkGlob(glob string) error {
	for _, one := range expandBraces(glob) {
		for part := range strings.SplitSeq(one, "/") {
			if _, err := path.Match(part, ""); err != nil {
				return fmt.Errorf("glob %q: %w", glob, err)
			}
		}
	}
	return nil
}

// matchAny tells whether one of the globs matches a path.
func matchAny(globs []string, name string) bool {
	for _, glob := range globs {
		if matchGlob(glob, name) {
			return true
		}
	}
	return false
}

// matchGlob matches a path against a glob: * and ? stay within a folder, **
// spans folders, {a,b} are alternatives. A glob that ends in a slash, and one
// that names a folder, stands for everything below it.
func matchGlob(glob, name string) bool {
	glob = strings.TrimPrefix(strings.TrimPrefix(glob, "./"), "/")
	for _, one := range expandBraces(glob) {
		if one == "" {
			continue
		}
		parts := strings.Split(strings.TrimSuffix(one, "/"), "/")
		names := strings.Split(name, "/")
		if matchParts(parts, names) || matchParts(append(parts, "**"), names) {
			return true
		}
	}
	return false
}

func matchParts(glob, names []string) bool {
	for len(glob) > 0 {
		if glob[0] == "**" {
			for len(glob) > 1 && glob[1] == "**" {
				glob = glob[1:]
			}
			if len(glob) == 1 {
				return true
			}
			for i := range names {
				if matchParts(glob[1:], names[i:]) {
					return true
				}
			}
			return false
		}
		if len(names) == 0 {
			return false
		}
		if ok, err := path.Match(glob[0], names[0]); !ok || err != nil {
			return false
		}
		glob, names = glob[1:], names[1:]
	}
	return len(names) == 0
}

// expandBraces writes out the alternatives of a glob, at most 64 of them.
func expandBraces(glob string) []string {
	done := []string{}
	todo := []string{glob}
	for len(todo) > 0 && len(done)+len(todo) < 64 {
		one := todo[0]
		todo = todo[1:]
		open := strings.IndexByte(one, '{')
		end := -1
		if open >= 0 {
			end = strings.IndexByte(one[open:], '}')
		}
		if end < 0 {
			done = append(done, one)
			continue
		}
		for choice := range strings.SplitSeq(one[open+1:open+end], ",") {
			todo = append(todo, one[:open]+choice+one[open+end+1:])
		}
	}
	return append(done, todo...)
}
