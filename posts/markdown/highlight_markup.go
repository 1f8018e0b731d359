package markdown

import "strings"

// paintMarkup colours HTML and XML: tags, attributes, comments.
func paintMarkup(p *painter, _ *grammar) {
	src := p.src
	for i := 0; i < len(src); {
		if src[i] != '<' {
			next := strings.IndexByte(src[i:], '<')
			if next < 0 {
				return
			}
			i += next
		}
		if strings.HasPrefix(src[i:], "<!--") {
			end := strings.Index(src[i:], "-->")
			if end < 0 {
				end = len(src) - i - 3
			}
			p.token(i, i+end+3, classComment)
			i += end + 3
			continue
		}
		i = paintTag(p, i)
	}
}

func paintTag(p *painter, i int) int {
	src := p.src
	start := i
	for i++; i < len(src) && (src[i] == '/' || src[i] == '?' || src[i] == '!'); i++ {
	}
	name := i
	for i < len(src) && markupName(src[i]) {
		i++
	}
	if i == name {
		return i
	}
	p.token(start, i, classInserted)
	for i < len(src) && src[i] != '>' && src[i] != '<' {
		switch c := src[i]; {
		case c == '"' || c == '\'':
			end := strings.IndexByte(src[i+1:], c)
			if end < 0 {
				return i + 1
			}
			p.token(i, i+end+2, classString)
			i += end + 2
		case markupName(c):
			from := i
			for i < len(src) && markupName(src[i]) {
				i++
			}
			p.token(from, i, className)
		default:
			i++
		}
	}
	if i < len(src) && src[i] == '>' {
		from := i
		if src[i-1] == '/' || src[i-1] == '?' {
			from--
		}
		p.token(from, i+1, classInserted)
		i++
	}
	return i
}

func markupName(c byte) bool {
	return wordByte(c) || c >= '0' && c <= '9' || c == '-' || c == ':' || c == '.' || c == '@'
}

// paintDiff colours the lines of a patch.
func paintDiff(p *painter, _ *grammar) {
	at := 0
	for _, line := range strings.SplitAfter(p.src, "\n") {
		kind := classPlain
		switch {
		case strings.HasPrefix(line, "@@"):
			kind = classFunction
		case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"), strings.HasPrefix(line, "diff "), strings.HasPrefix(line, "index "):
			kind = classComment
		case strings.HasPrefix(line, "+"):
			kind = classInserted
		case strings.HasPrefix(line, "-"):
			kind = classDeleted
		}
		if kind != classPlain {
			p.token(at, at+len(strings.TrimRight(line, "\n")), kind)
		}
		at += len(line)
	}
}

// paintKeys colours files of keys and values: YAML, TOML, INI.
func paintKeys(p *painter, g *grammar) {
	at := 0
	for _, line := range strings.SplitAfter(p.src, "\n") {
		paintKeyLine(p, g, at, strings.TrimRight(line, "\n"))
		at += len(line)
	}
}

func paintKeyLine(p *painter, g *grammar, at int, line string) {
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '\t' || line[i] == '-' && i+1 < len(line) && line[i+1] == ' ') {
		i++
	}
	if i < len(line) && line[i] == '[' && g.sections && strings.HasSuffix(strings.TrimSpace(line), "]") {
		p.token(at+i, at+len(line), classKeyword)
		return
	}
	key := i
	for i < len(line) && (markupName(line[i]) && line[i] != ':' || line[i] == '/' || line[i] == '$') {
		i++
	}
	rest := strings.TrimLeft(line[i:], " ")
	if i > key && rest != "" && strings.IndexByte(g.assign, rest[0]) >= 0 && (rest[0] != ':' || len(rest) == 1 || rest[1] == ' ') {
		p.token(at+key, at+i, className)
	} else {
		i = key
	}
	sub := painter{dst: p.dst, src: line, from: i}
	if p.from < at+i {
		p.upTo(at+i, classPlain)
		sub.dst = p.dst
	}
	value := painter{dst: sub.dst, src: line[i:]}
	paintCode(&value, g)
	value.upTo(len(line)-i, classPlain)
	p.dst, p.from = value.dst, at+len(line)
}
