package mailer

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	texttemplate "text/template"
)

//go:embed templates
var builtin embed.FS

// The templates of letters: two for each kind, HTML and text.
var templateNames = []string{"digest.html", "digest.txt", "notice.html", "notice.txt"}

type templateSet struct {
	htmls map[string]*htmltemplate.Template
	texts map[string]*texttemplate.Template
}

// NewComposer reads the templates. A file of overrides (nil for none) named as
// one of ours, "digest.html", "digest.txt", "notice.html" or "notice.txt",
// replaces it; templates/ in the source shows what they may use. The error
// names every mistake with its file and line.
func NewComposer(overrides fs.FS) (*Composer, error) {
	own, err := fs.Sub(builtin, "templates")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	c := &Composer{templateSet{map[string]*htmltemplate.Template{}, map[string]*texttemplate.Template{}}}
	mistakes := unknownTemplates(overrides)
	for _, name := range templateNames {
		text, err := readTemplate(own, overrides, name)
		if err == nil {
			err = c.templates.add(name, text)
		}
		if err != nil {
			mistakes = append(mistakes, err)
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return c, nil
}

// unknownTemplates finds templates that would never be used.
func unknownTemplates(overrides fs.FS) (mistakes []error) {
	if overrides == nil {
		return nil
	}
	entries, err := fs.ReadDir(overrides, ".")
	if err != nil {
		return []error{fmt.Errorf("templates: %w", err)}
	}
	for _, entry := range entries {
		name := entry.Name()
		if ext := path.Ext(name); ext != ".html" && ext != ".txt" || entry.IsDir() {
			continue
		}
		if !slices.Contains(templateNames, name) {
			mistakes = append(mistakes, fmt.Errorf("%s: no letter has this template (want one of %s)", name, strings.Join(templateNames, ", ")))
		}
	}
	return mistakes
}

func readTemplate(own, overrides fs.FS, name string) (string, error) {
	if overrides != nil {
		text, err := fs.ReadFile(overrides, name)
		if err == nil {
			return string(text), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	text, err := fs.ReadFile(own, name)
	return string(text), err
}

func (t templateSet) add(name, text string) error {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	if strings.HasSuffix(name, ".txt") {
		parsed, err := texttemplate.New(name).Funcs(texttemplate.FuncMap{
			"wrap": wrap, "rule": rule, "indent": indent,
		}).Parse(text)
		t.texts[name] = parsed
		return placed(err)
	}
	parsed, err := htmltemplate.New(name).Funcs(htmltemplate.FuncMap{"outlook": outlook}).Parse(text)
	t.htmls[name] = parsed
	return placed(err)
}

func (t templateSet) html(name string, view any) (string, error) {
	var b strings.Builder
	err := placed(t.htmls[name].Execute(&b, view))
	return b.String(), err
}

func (t templateSet) text(name string, view any) (string, error) {
	var b strings.Builder
	err := placed(t.texts[name].Execute(&b, view))
	return strings.TrimSpace(b.String()) + "\n", err
}

// htmlOrText returns the way to render the template of that name.
func (t templateSet) htmlOrText(name string) func(string, any) (string, error) {
	if strings.HasSuffix(name, ".txt") {
		return t.text
	}
	return t.html
}

// outlook wraps HTML so that Word's engine in Outlook alone sees it. It takes
// constants of a template, never text of a post.
func outlook(html string) htmltemplate.HTML {
	return htmltemplate.HTML("<!--[if mso]>" + html + "<![endif]-->")
}

// placed lets the error of a template begin with file:line.
func placed(err error) error {
	if err == nil {
		return nil
	}
	words := err.Error()
	for _, prefix := range []string{"html/template:", "template:"} {
		words = strings.TrimSpace(strings.TrimPrefix(words, prefix))
	}
	return templateError{words, err}
}

type templateError struct {
	words string
	err   error
}

func (e templateError) Error() string { return e.words }
func (e templateError) Unwrap() error { return e.err }
