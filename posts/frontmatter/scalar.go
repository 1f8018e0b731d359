package frontmatter

import (
	"math"
	"strconv"
	"strings"
)

// resolve gives a plain YAML scalar its value by the core schema
// (YAML 1.2 section 10.3.2). Dates, yes and no stay strings.
func resolve(text string) any {
	if text == "" {
		return nil
	}
	switch c := text[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.':
		return number(text)
	case strings.IndexByte("~nNtTfF", c) >= 0:
		switch text {
		case "~", "null", "Null", "NULL":
			return nil
		case "true", "True", "TRUE":
			return true
		case "false", "False", "FALSE":
			return false
		}
	}
	return text
}

// number resolves a plain scalar that begins like a number. What is none, or
// does not fit into 64 bits, stays a string.
func number(text string) any {
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" {
		return text
	}
	if strings.HasPrefix(text, "0x") {
		return based(text, 16)
	}
	if strings.HasPrefix(text, "0o") {
		return based(text, 8)
	}
	switch digits {
	case ".inf", ".Inf", ".INF":
		if text[0] == '-' {
			return math.Inf(-1)
		}
		return math.Inf(1)
	case ".nan", ".NaN", ".NAN":
		if digits == text {
			return math.NaN()
		}
		return text
	}
	switch shape(digits) {
	case 'i':
		if v, err := strconv.ParseInt(text, 10, 64); err == nil {
			return v
		}
		return text
	case 'f':
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return v
		}
	}
	return text
}

func based(text string, base int) any {
	if strings.ContainsAny(text, "+-_") {
		return text
	}
	if v, err := strconv.ParseInt(text[2:], base, 64); err == nil {
		return v
	}
	return text
}

// shape tells an integer ('i') from a decimal fraction ('f') from neither (0):
// (\.[0-9]+ | [0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
func shape(s string) byte {
	kind := byte('i')
	i := skipDigits(s, 0)
	whole := i
	if i < len(s) && s[i] == '.' {
		kind = 'f'
		j := skipDigits(s, i+1)
		if whole == 0 && j == i+1 {
			return 0
		}
		i = j
	}
	if i == 0 {
		return 0
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		kind = 'f'
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		j := skipDigits(s, i)
		if j == i {
			return 0
		}
		i = j
	}
	if i != len(s) {
		return 0
	}
	return kind
}

func skipDigits(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}
