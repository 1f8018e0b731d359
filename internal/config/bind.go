package config

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// binder copies a tree into a Config and collects every mistake on the way.
type binder struct {
	file     string
	tree     *tree
	getenv   func(string) string
	mistakes Mistakes
	failed   map[string]bool
	// variables names, by key, the variable of the environment whose value is
	// judged in the place of the file's.
	variables map[string]string
	// set names the paths that file or environment gave a value.
	set map[string]bool
}

// fail notes a mistake at the key, or at the nearest place above it.
// The first mistake of a key or of its table hides those that follow from it.
func (b *binder) fail(path, format string, args ...any) {
	for above := path; above != ""; above = above[:max(strings.LastIndexAny(above, ".["), 0)] {
		if b.failed[above] {
			return
		}
	}
	b.failed[path] = true
	message := fmt.Sprintf(format, args...)
	key, _, _ := strings.Cut(path, "[")
	if name := b.variables[key]; name != "" {
		// The line of the file has another value, which is not the wrong one.
		b.mistakes = append(b.mistakes, Mistake{File: b.file, Key: path, Message: message + " (this is what " + name + " in the environment says)"})
		return
	}
	b.mistakes = append(b.mistakes, mistakeAt(b.file, b.tree.at, path, message))
}

// table binds the keys of one table; a key that no field has is a mistake.
func (b *binder) table(path string, values map[string]any, into reflect.Value) {
	known := []string{}
	for i := range into.NumField() {
		name := into.Type().Field(i).Tag.Get("toml")
		if name == "" || name == "-" {
			continue
		}
		known = append(known, name)
		key := join(path, name)
		if v, ok := values[name]; ok {
			b.set[key] = true
			b.value(key, v, into.Field(i))
		} else if into.Field(i).Kind() == reflect.Struct && into.Field(i).Type() != reflect.TypeFor[Secret]() {
			b.table(key, nil, into.Field(i))
		}
		b.environment(key, into.Field(i))
		if b.set[key] && into.Field(i).Kind() == reflect.String {
			b.line(key, into.Field(i), into.Type().Field(i).Tag.Get("lines") == "many")
		}
	}
	for name := range values {
		if !slices.Contains(known, name) {
			b.fail(join(path, name), "unknown key%s", hint(path, name, known))
		}
	}
}

// value binds one value by the type of its field.
func (b *binder) value(path string, v any, into reflect.Value) {
	switch into.Interface().(type) {
	case Duration:
		b.duration(path, v, into)
		return
	case Secret:
		b.fail(path, "is read from a file or the environment, never from here")
		return
	}
	switch into.Kind() {
	case reflect.String:
		if text, ok := v.(string); ok {
			into.SetString(b.text(path, text))
			return
		}
		b.fail(path, "want text in quotes, have %s", kindOf(v))
	case reflect.Bool:
		if on, ok := v.(bool); ok {
			into.SetBool(on)
			return
		}
		b.fail(path, "want true or false, have %s", kindOf(v))
	case reflect.Int:
		b.number(path, v, into)
	case reflect.Struct:
		if m, ok := v.(map[string]any); ok {
			b.table(path, m, into)
			return
		}
		b.fail(path, "want a table, have %s: write [%s] once, in single brackets, and its keys below", kindOf(v), path)
	case reflect.Slice:
		b.list(path, v, into)
	case reflect.Map:
		b.texts(path, v, into)
	}
}

// number binds a whole number. That it fits says nothing of its sense.
func (b *binder) number(path string, v any, into reflect.Value) {
	n, ok := v.(int64)
	text, _ := v.(string)
	_, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil:
		b.fail(path, "want a number without quotes: %s", text)
	case !ok:
		b.fail(path, "want a whole number like 10, have %s", kindOf(v))
	case n < math.MinInt32 || n > math.MaxInt32:
		b.fail(path, "the number %d is out of bounds: want at most %d", n, math.MaxInt32)
	default:
		into.SetInt(n)
	}
}

// list binds an array of text or an array of tables.
func (b *binder) list(path string, v any, into reflect.Value) {
	items, ok := v.([]any)
	if !ok {
		switch into.Type().Elem().Kind() {
		case reflect.Struct:
			b.fail(path, "want an array of tables: write [[%s]]", path)
		case reflect.Int:
			b.fail(path, "want a list of numbers like [50, 100], have %s", kindOf(v))
		default:
			b.fail(path, "want a list like [\"a\", \"b\"], have %s", kindOf(v))
		}
		return
	}
	out := reflect.MakeSlice(into.Type(), len(items), len(items))
	for i, item := range items {
		b.value(fmt.Sprintf("%s[%d]", path, i), item, out.Index(i))
	}
	into.Set(out)
}

// texts binds a table whose keys are the owner's own words.
func (b *binder) texts(path string, v any, into reflect.Value) {
	m, ok := v.(map[string]any)
	if !ok {
		b.fail(path, "want a table like { \"a\" = \"b\" }, have %s", kindOf(v))
		return
	}
	if len(m) == 0 {
		return
	}
	out := map[string]string{}
	for name, v := range m {
		text, ok := v.(string)
		if !ok {
			b.fail(join(path, name), "want text in quotes, have %s", kindOf(v))
		}
		out[name] = text
	}
	into.Set(reflect.ValueOf(out))
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// quoted shows a value as the file would, a long one by its beginning.
func quoted(v any) string {
	s, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	const most = 60
	for i := range s {
		if i > most {
			return strconv.Quote(s[:i]) + "..."
		}
	}
	return strconv.Quote(s)
}

// kindOf names what a person wrote.
func kindOf(v any) string {
	switch v := v.(type) {
	case string:
		return "text " + quoted(v)
	case int64:
		return fmt.Sprintf("the number %d", v)
	case float64:
		return fmt.Sprintf("the number %v", v)
	case bool:
		return fmt.Sprint(v)
	case map[string]any:
		return "a table"
	case []any:
		return "a list"
	}
	return fmt.Sprintf("a date or time (%v): put it in quotes", v)
}
