package config

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// binder copies a tree into a Config and collects every mistake on the way.
type binder struct {
	file     string
	tree     *tree
	getenv   func(string) string
	mistakes Mistakes
	failed   map[string]bool
	// set names the paths that file or environment gave a value.
	set map[string]bool
}

// fail notes a mistake at the key, or at the nearest place above it.
// The first mistake of a key hides those that follow from it.
func (b *binder) fail(path, format string, args ...any) {
	if b.failed[path] {
		return
	}
	b.failed[path] = true
	b.mistakes = append(b.mistakes, mistakeAt(b.file, b.tree.at, path, fmt.Sprintf(format, args...)))
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
	}
	for name := range values {
		if !slices.Contains(known, name) {
			hint := Nearest(name, known)
			if hint == "" {
				hint = ": this table knows " + strings.Join(known, ", ")
			}
			b.fail(join(path, name), "unknown key%s", hint)
		}
	}
}

// environment lets TIDINGS_WEB_LISTEN override web.listen; keys inside of
// arrays of tables have no such name.
func (b *binder) environment(key string, into reflect.Value) {
	name := "TIDINGS_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
	text := b.getenv(name)
	if text == "" || strings.Contains(key, "[") {
		return
	}
	var v any = text
	switch into.Interface().(type) {
	case int:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			v = n
		}
	case bool:
		if on, err := strconv.ParseBool(text); err == nil {
			v = on
		}
	case []string:
		list := []any{}
		for part := range strings.SplitSeq(text, ",") {
			list = append(list, strings.TrimSpace(part))
		}
		v = list
	case string, Duration:
	default:
		return
	}
	b.set[key] = true
	b.value(key, v, into)
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
			into.SetString(text)
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
		if n, ok := v.(int64); ok && n >= math.MinInt32 && n <= math.MaxInt32 {
			into.SetInt(n)
			return
		}
		b.fail(path, "want a whole number, have %s", kindOf(v))
	case reflect.Struct:
		if m, ok := v.(map[string]any); ok {
			b.table(path, m, into)
			return
		}
		b.fail(path, "want a table, have %s", kindOf(v))
	case reflect.Slice:
		b.list(path, v, into)
	case reflect.Map:
		b.texts(path, v, into)
	}
}

func (b *binder) duration(path string, v any, into reflect.Value) {
	text, ok := v.(string)
	d, err := parseDuration(text)
	if !ok || err != nil {
		b.fail(path, "%v is no duration: write it like \"90s\", \"10m\", \"36h\" or \"14d\"", quoted(v))
		return
	}
	into.SetInt(int64(d))
}

// list binds an array of text or an array of tables.
func (b *binder) list(path string, v any, into reflect.Value) {
	items, ok := v.([]any)
	if !ok {
		if into.Type().Elem().Kind() == reflect.Struct {
			b.fail(path, "want an array of tables: write [[%s]]", path)
		} else {
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

// quoted shows a value as the file would.
func quoted(v any) string {
	if s, ok := v.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(v)
}

// kindOf names what a person wrote.
func kindOf(v any) string {
	switch v := v.(type) {
	case string:
		return "text " + strconv.Quote(v)
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

// Nearest asks for the known word that is nearest to the one written, or says
// nothing where none is near.
func Nearest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(word, k); d < distance && d < len(word) {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %s?", best)
}

// editDistance is Levenshtein's distance of two short words.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// parseDuration is time.ParseDuration with days.
func parseDuration(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err == nil && n >= 0 && n < 36500 {
			return time.Duration(n * float64(24*time.Hour)), nil
		}
		return 0, fmt.Errorf("bad number of days")
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		return 0, fmt.Errorf("negative")
	}
	return d, err
}
