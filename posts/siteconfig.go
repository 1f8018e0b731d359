package posts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/pelletier/go-toml/v2"
)

// maxConfig limits a configuration file.
const maxConfig = 4 << 20

// settings are a decoded configuration: strings, numbers, booleans, []any and
// map[string]any.
type settings map[string]any

// read returns the bytes of a configuration file and makes them part of
// [Directory.Config]. A file that is not there is nil without an error.
func (d *Directory) read(name string) ([]byte, error) {
	f, err := d.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", name, bareError(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	b, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, bareError(err))
	}
	if len(b) > maxConfig {
		return nil, fmt.Errorf("%s: is larger than %d MB", name, maxConfig>>20)
	}
	fmt.Fprintf(d.noted, "%s %d\n", name, len(b))
	d.noted.Write(b)
	return b, nil
}

// decode reads a configuration file by its extension; nil when it is not there.
func (d *Directory) decode(name string) (settings, error) {
	b, err := d.read(name)
	if b == nil || err != nil {
		return nil, err
	}
	s, err := decodeSettings(path.Ext(name), b)
	if err != nil {
		return nil, fmt.Errorf("%s%w", name, err)
	}
	if s == nil {
		s = settings{}
	}
	return s, nil
}

// decodeFirst reads the first of several files that is there and tells its name.
func (d *Directory) decodeFirst(names ...string) (settings, string, error) {
	for _, name := range names {
		if s, err := d.decode(name); s != nil || err != nil {
			return s, name, err
		}
	}
	return nil, "", nil
}

// decodeSettings decodes YAML, TOML or JSON. The error begins with ":line: ".
func decodeSettings(ext string, b []byte) (s settings, err error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	switch strings.ToLower(ext) {
	case ".toml":
		err = toml.Unmarshal(b, &s)
		var bad *toml.DecodeError
		if errors.As(err, &bad) {
			line, _ := bad.Position()
			return nil, fmt.Errorf(":%d: %s", line, bad.Error())
		}
	case ".json":
		err = json.Unmarshal(b, &s)
		var bad *json.SyntaxError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf(":%d: %w", 1+bytes.Count(b[:min(int(bad.Offset), len(b))], []byte("\n")), err)
		}
	default:
		err = yaml.UnmarshalWithOptions(b, (*map[string]any)(&s), yaml.AllowDuplicateMapKey())
		var bad yaml.Error
		if errors.As(err, &bad) && bad.GetToken() != nil {
			return nil, fmt.Errorf(":%d: %s", bad.GetToken().Position.Line, bad.GetMessage())
		}
	}
	if err != nil {
		return nil, fmt.Errorf(": %w", err)
	}
	return s, nil
}

// lookup returns the value at a path of keys.
func (s settings) lookup(keys ...string) (any, bool) {
	var v any = map[string]any(s)
	for _, key := range keys {
		m, ok := asMap(v)
		if !ok {
			return nil, false
		}
		if v, ok = m[key]; !ok {
			return nil, false
		}
	}
	return v, true
}

// text returns a scalar as text, or "".
func (s settings) text(keys ...string) string {
	v, _ := s.lookup(keys...)
	return scalarText(v)
}

// truth returns a flag, or byDefault where it is not set.
func (s settings) truth(byDefault bool, keys ...string) bool {
	switch strings.ToLower(s.text(keys...)) {
	case "true", "yes", "on":
		return true
	case "false", "no", "off":
		return false
	}
	return byDefault
}

// list returns a list of texts; a single scalar is a list of one.
func (s settings) list(keys ...string) []string {
	v, _ := s.lookup(keys...)
	return textList(v)
}

// table returns a nested table, or nil.
func (s settings) table(keys ...string) settings {
	v, _ := s.lookup(keys...)
	m, _ := asMap(v)
	return m
}

func asMap(v any) (settings, bool) {
	switch m := v.(type) {
	case map[string]any:
		return m, true
	case settings:
		return m, true
	}
	return nil, false
}

func textList(v any) []string {
	items, ok := v.([]any)
	if !ok {
		if t := scalarText(v); t != "" {
			return []string{t}
		}
		return nil
	}
	var texts []string
	for _, item := range items {
		texts = append(texts, textList(item)...)
	}
	return texts
}

// scalarText returns a scalar as text: "" for nil, lists and tables.
func scalarText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case fmt.Stringer: // the dates of TOML
		return v.String()
	}
	return ""
}

// fold lower-cases all keys, nested ones too.
func (s settings) fold() settings {
	folded, _ := foldKeys(map[string]any(s)).(map[string]any)
	return folded
}

func foldKeys(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			m[strings.ToLower(key)] = foldKeys(value)
		}
		return m
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = foldKeys(item)
		}
		return items
	}
	return v
}

// merge lays over onto s: tables are merged, everything else is replaced.
func (s settings) merge(over settings) {
	for key, value := range over {
		if have, ok := asMap(s[key]); ok {
			if add, ok := asMap(value); ok {
				have.merge(add)
				continue
			}
		}
		s[key] = value
	}
}
