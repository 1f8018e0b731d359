package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// hint says what may be meant by a key that the table does not have.
func hint(table, name string, known []string) string {
	if strings.HasPrefix(name, "pass") && slices.Contains(known, "password_file") {
		return ": a password never stands here: name a file with password_file, or a variable of the environment with password_env"
	}
	if places := placesOf(table, name); len(places) > 0 && len(places) <= 3 {
		return ": it has its place in " + strings.Join(places, " or ")
	}
	if near := Nearest(name, known); near != "" {
		return near
	}
	return ": this table knows " + strings.Join(known, ", ")
}

// placesOf lists the tables that a key of the name is in, or that have the name,
// as the file writes them: those below the table, else all.
func placesOf(table, name string) (places []string) {
	all := tables("", reflect.TypeFor[Config](), name)
	for _, p := range all {
		if table != "" && strings.HasPrefix(strings.Trim(p, "[]"), table+".") {
			places = append(places, p)
		}
	}
	if len(places) == 0 {
		return all
	}
	return places
}

func tables(path string, t reflect.Type, name string) (places []string) {
	for i := range t.NumField() {
		key, kind := t.Field(i).Tag.Get("toml"), t.Field(i).Type
		below, open, end := join(path, key), "[", "]"
		if kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct {
			kind, open, end = kind.Elem(), "[[", "]]"
		}
		if key == "" || key == "-" || kind.Kind() != reflect.Struct {
			continue
		}
		for j := range kind.NumField() {
			if kind.Field(j).Tag.Get("toml") == name && kind.Field(j).Type.Kind() != reflect.Struct {
				places = append(places, open+below+end)
			}
		}
		if key == name && path != "" {
			places = append(places, open+below+end)
		}
		places = append(places, tables(below, kind, name)...)
	}
	return places
}

// Nearest asks for the known word that is nearest to the one written, or says
// nothing where none is near.
func Nearest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(strings.ToLower(word), strings.ToLower(k)); d < distance && d < len(word) {
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
