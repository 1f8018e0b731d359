package markdown

import (
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// lexerOf returns nil for a language that is not known, and for plain text.
func lexerOf(language string) chroma.Lexer {
	if language == "" {
		return nil
	}
	language = strings.ToLower(language)
	if other := otherNames[language]; other != "" {
		language = other
	}
	lexer := languages()[language]
	if lexer == nil || lexer.Config().Name == "plaintext" {
		return nil
	}
	return lexer
}

// otherNames are what blogs write and chroma does not know: names of other
// highlighters, and languages whose nearest kin will do.
var otherNames = map[string]string{
	"cuda": "c++", "cu": "c++", "node": "js", "nodejs": "js", "less": "scss", "pycon": "python", "ipython": "python", "bazel": "python",
	"terminal": "console", "shellsession": "console", "dotenv": "bash", "vimscript": "vim", "purescript": "haskell",
	"pgsql": "postgres", "plsql": "postgres", "sqlite": "sql", "clickhouse": "sql", "hive": "sql",
	"geojson": "json", "webmanifest": "json", "docker-compose": "yaml", "conf": "ini", "gitconfig": "ini", "editorconfig": "ini",
	"markup": "html", "astro": "html", "ejs": "html", "atom": "xml", "wxml": "xml", "xaml": "xml", "plist": "xml",
	"rakefile": "ruby", "jinja2": "jinja", "nunjucks": "jinja", "njk": "jinja", "liquid": "jinja",
}

// languages holds chroma's lexers by name, by alias, and by what stands behind
// the dot of a file name, as Hugo takes them.
var languages = sync.OnceValue(func() map[string]chroma.Lexer {
	m := make(map[string]chroma.Lexer, 2048)
	for _, names := range []func(*chroma.Config) []string{
		func(c *chroma.Config) []string { return []string{c.Name} },
		func(c *chroma.Config) []string { return c.Aliases },
		func(c *chroma.Config) []string { return suffixes(c.Filenames) },
	} {
		layer := map[string]chroma.Lexer{}
		for _, lexer := range lexers.GlobalLexerRegistry.Lexers {
			for _, name := range names(lexer.Config()) {
				name = strings.ToLower(name)
				if old := layer[name]; m[name] == nil && (old == nil || before(lexer.Config(), old.Config())) {
					layer[name] = lexer
				}
			}
		}
		for name, lexer := range layer {
			m[name] = lexer
		}
	}
	return m
})

// before is chroma's order of lexers that claim the same files.
func before(a, b *chroma.Config) bool {
	if p, q := priority(a), priority(b); p != q {
		return p > q
	}
	return a.Name < b.Name
}

func priority(c *chroma.Config) float32 {
	if c.Priority == 0 {
		return 1
	}
	return c.Priority
}

// suffixes returns "go" for "*.go".
func suffixes(globs []string) []string {
	var names []string
	for _, glob := range globs {
		if name, ok := strings.CutPrefix(glob, "*."); ok && !strings.ContainsAny(name, "*?[") {
			names = append(names, name)
		}
	}
	return names
}
