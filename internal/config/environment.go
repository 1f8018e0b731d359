package config

import (
	"reflect"
	"strconv"
	"strings"
)

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
	case []int:
		list := []any{}
		for part := range strings.SplitSeq(text, ",") {
			n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
			if err != nil {
				list = append(list, part)
				continue
			}
			list = append(list, n)
		}
		v = list
	case string, Duration:
	default:
		return
	}
	b.set[key], b.variables[key] = true, name
	b.value(key, v, into)
}
