// Package locale holds the words that readers see, in every language that
// tidings speaks, and writes dates, numbers of things and reading times the
// way each language does.
//
// Start with [For]; its answer is a value without state, safe for any number
// of goroutines.
package locale

import (
	"fmt"
	"slices"
	"strings"
)

// The languages, as BCP 47 tags.
const (
	English = "en"
	Chinese = "zh-CN"
)

// Locale is one language: its words and its way with dates and numbers. The
// zero value speaks English.
type Locale struct {
	tag   string
	words map[string]string
}

// Tags returns the languages that tidings speaks, the fallback first.
func Tags() []string { return []string{English, Chinese} }

// Match returns the language of ours that serves a reader of the BCP 47 tag:
// zh-CN for every kind of Chinese, en for all others. It takes the tag's case,
// underscores and spaces as they come.
func Match(tag string) string {
	primary, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(tag), "_", "-"), "-")
	if strings.EqualFold(primary, "zh") {
		return Chinese
	}
	return English
}

// For returns the locale that serves a reader of the tag; see [Match].
func For(tag string) Locale {
	if Match(tag) == Chinese {
		return Locale{tag: Chinese, words: chinese}
	}
	return Locale{tag: English, words: english}
}

// Tag returns the BCP 47 tag of the locale.
func (l Locale) Tag() string {
	if l.tag == "" {
		return English
	}
	return l.tag
}

// Has tells whether there are words for the key.
func (l Locale) Has(key string) bool {
	_, found := l.table()[key]
	return found
}

// T returns the words for the key with args filled in as fmt.Sprintf does.
// A key without words comes back between marks, so that it is seen and cannot
// be mistaken for words.
func (l Locale) T(key string, args ...any) string {
	words, found := l.table()[key]
	switch {
	case !found:
		return "⟦" + key + "⟧"
	case len(args) == 0 || !strings.Contains(words, "%"):
		return words
	}
	return fmt.Sprintf(words, args...)
}

// N returns the words for n things: those of key.one where the language has a
// singular and n is 1, else those of key.other. n is the first argument of
// the words, args follow.
func (l Locale) N(key string, n int, args ...any) string {
	form := key + ".other"
	if n == 1 && l.Has(key+".one") {
		form = key + ".one"
	}
	return l.T(form, append([]any{n}, args...)...)
}

// Keys returns the keys of all words in ascending order.
func (l Locale) Keys() []string {
	keys := make([]string, 0, len(l.table()))
	for key := range l.table() {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (l Locale) table() map[string]string {
	if l.words == nil {
		return english
	}
	return l.words
}
