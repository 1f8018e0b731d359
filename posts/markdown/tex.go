package markdown

import (
	"strings"
	"unicode/utf8"
)

// nextTeX finds the first formula between delimiters in text: \(x\), \[x\],
// $$x$$, and $x$ by Pandoc's rule. start is -1 where there is none.
func nextTeX(text string) (start, end int, tex string, display bool) {
	for i := 0; i < len(text); i++ {
		if text[i] != '$' && text[i] != '\\' {
			continue
		}
		for _, d := range [...][2]string{{"$$", "$$"}, {"$", "$"}, {`\(`, `\)`}, {`\[`, `\]`}} {
			if !strings.HasPrefix(text[i:], d[0]) {
				continue
			}
			body := text[i+len(d[0]) : min(len(text), i+maxInlineTeX)]
			n := strings.Index(body, d[1])
			if n <= 0 {
				break
			}
			before, _ := utf8.DecodeLastRuneInString(text[:i])
			tex = body[:n]
			after, _ := utf8.DecodeRuneInString(body[n+len(d[1]):])
			if d[0] == "$" && (!dollarMayOpen(before, []byte(body)) || !dollarsOK([]byte(tex), after)) || strings.TrimSpace(tex) == "" {
				break
			}
			return i, i + len(d[0]) + n + len(d[1]), tex, d[0] == "$$" || d[0] == `\[`
		}
		if text[i] == '$' && i+1 < len(text) && text[i+1] == '$' {
			i++
		}
	}
	return -1, 0, "", false
}
