package formula

import (
	"strings"
	"unicode/utf8"
)

// What is shown as plain text is bounded: its length, and how deep arguments
// stand in arguments, with braces or without as in x^^^y.
const (
	maxRunes  = 60
	maxInside = 40
)

// Unicode shows TeX that is simple enough as plain text: x^2 is x², \alpha
// is α, \frac{a}{b} is a/b. ok is false where that would lose or garble something.
func Unicode(tex string) (text string, ok bool) {
	if len(tex) > maxTeX {
		return "", false
	}
	p := &texReader{rest: tex}
	out := p.list("")
	out = strings.Join(strings.Fields(out), " ")
	if p.failed || out == "" || utf8.RuneCountInString(out) > maxRunes {
		return "", false
	}
	return out, true
}

// texReader reads TeX from left to right; failed says that it met something that
// plain text cannot show.
type texReader struct {
	rest   string
	failed bool
	depth  int
	spaced bool // a space stood behind the last command
}

// list reads to the closing token, "" for the end of the input.
func (p *texReader) list(closer string) string {
	var b strings.Builder
	for !p.failed {
		if p.rest == "" {
			p.failed = closer != ""
			return b.String()
		}
		if closer != "" && strings.HasPrefix(p.rest, closer) {
			p.rest = p.rest[len(closer):]
			return b.String()
		}
		b.WriteString(p.atom())
	}
	return ""
}

// atom reads one symbol, group or command.
func (p *texReader) atom() string {
	if p.depth++; p.depth > maxInside {
		p.failed = true
		return ""
	}
	defer func() { p.depth-- }()
	r, n := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[n:]
	switch r {
	case '{':
		return p.list("}")
	case '}', '&', '#', '%', '$':
		p.failed = true
		return ""
	case '^':
		return p.script(superscript)
	case '_':
		return p.script(subscript)
	case '~':
		return " "
	case '\'':
		return "′"
	case '\\':
		return p.command()
	}
	return string(r)
}

// argument reads a group or one atom.
func (p *texReader) argument() string {
	p.rest = strings.TrimLeft(p.rest, " \n\t")
	if p.rest == "" {
		p.failed = true
		return ""
	}
	return strings.TrimSpace(p.atom())
}

// script raises or lowers an argument, all of it or not at all.
func (p *texReader) script(table map[rune]rune) string {
	arg := strings.ReplaceAll(p.argument(), " ", "")
	var b strings.Builder
	for _, r := range arg {
		s, ok := table[r]
		if !ok {
			p.failed = true
			return ""
		}
		b.WriteRune(s)
	}
	return b.String()
}

func (p *texReader) name() string {
	end := 0
	for end < len(p.rest) && (letter(p.rest[end])) {
		end++
	}
	if end == 0 && p.rest != "" {
		_, end = utf8.DecodeRuneInString(p.rest)
	}
	name := p.rest[:end]
	p.rest = p.rest[end:]
	p.spaced = false
	if name != "" && letter(name[0]) {
		rest := strings.TrimLeft(p.rest, " \n")
		p.spaced, p.rest = rest != p.rest, rest
	}
	return name
}

func (p *texReader) command() string {
	name := p.name()
	if s, ok := texSymbols[name]; ok {
		if p.spaced && relation(s) {
			return " " + s + " "
		}
		if p.spaced && s == name && len(s) > 1 { // log x
			return s + " "
		}
		return s
	}
	switch name {
	case "mathrm", "text", "textrm", "operatorname", "mathsf", "mathit", "mathtt", "mathbf", "boldsymbol", "bm", "textbf", "textit", "mbox", "rm":
		return p.argument()
	case "mathbb":
		return p.letters(doubleStruck)
	case "mathcal", "mathscr":
		return p.letters(scriptLetters)
	case "sqrt":
		if strings.HasPrefix(p.rest, "[") {
			p.failed = true
			return ""
		}
		return "√" + grouped(p.argument(), true)
	case "frac", "dfrac", "tfrac":
		a, b := p.argument(), p.argument()
		return grouped(a, false) + "/" + grouped(b, true)
	case "left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr":
		p.rest = strings.TrimPrefix(p.rest, ".")
		return ""
	case "hat", "bar", "tilde", "vec", "dot", "ddot", "overline":
		return p.accent(name)
	}
	p.failed = true
	return ""
}

// relation says whether a sign stands between two sides, with space around it.
func relation(s string) bool {
	return strings.Contains("≤≥≠≪≫≈≡∼≃≅∝≺≻×÷·±∓∗⋆∘⊕⊗⊙∩∪∖∧∨∈∉∋⊂⊆⊃⊇⊥∥→←↔⇒⇐⇔↦⟶⊢⊨<>|", s) && s != ""
}

func (p *texReader) letters(table map[rune]rune) string {
	arg := p.argument()
	var b strings.Builder
	for _, r := range arg {
		s, ok := table[r]
		if !ok {
			p.failed = true
			return ""
		}
		b.WriteRune(s)
	}
	return b.String()
}

func (p *texReader) accent(name string) string {
	arg := p.argument()
	if utf8.RuneCountInString(arg) != 1 {
		p.failed = true
		return ""
	}
	return arg + map[string]string{"hat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308"}[name]
}

// grouped puts brackets around what would fall apart beside a slash or root.
func grouped(s string, tight bool) string {
	if strings.ContainsAny(s, " +-−=/·×<>") || tight && utf8.RuneCountInString(s) > 3 && !allDigits(s) {
		return "(" + s + ")"
	}
	return s
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789.") == "" }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
