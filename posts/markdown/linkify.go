package markdown

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// addressParser links an address that follows a character of Chinese or
// punctuation at once: 官网：https://example.org/。GitHub's rule wants a space
// there, which nobody writes in such texts. The colon calls it, since goldmark
// asks only at punctuation: the scheme is text by then, and is taken back.
type addressParser struct{}

func (addressParser) Trigger() []byte { return []byte{':'} }

var webAddress = regexp.MustCompile(`^://[-a-zA-Z0-9@:%._+~=]{1,256}\.[a-zA-Z]+(?::\d+)?(?:[/#?][-a-zA-Z0-9@:%_+.~#$!?&/=();,^]*)?`)

func (addressParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if len(line) < 3 || line[1] != '/' || line[2] != '/' || pc.IsInLinkLabel() {
		return nil
	}
	before, ok := parent.LastChild().(*ast.Text)
	if !ok || before.Segment.Stop != segment.Start || before.SoftLineBreak() || before.HardLineBreak() {
		return nil
	}
	said := before.Segment.Value(block.Source())
	scheme := "https"
	if !strings.HasSuffix(string(said), scheme) {
		scheme = "http"
	}
	if len(said) <= len(scheme) || !strings.HasSuffix(string(said), scheme) || !opensAddress(said[:len(said)-len(scheme)]) {
		return nil
	}
	n := addressLength(webAddress.Find(line))
	if n == 0 {
		return nil
	}
	address := text.NewSegment(segment.Start-len(scheme), segment.Start+n)
	before.Segment = before.Segment.WithStop(address.Start)
	block.Advance(n)
	return ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(address))
}

// opensAddress says whether an address may follow what was said before.
func opensAddress(said []byte) bool {
	r, _ := utf8.DecodeLastRune(said)
	return r >= utf8.RuneSelf && r != utf8.RuneError || strings.ContainsRune(`:,;"'|`, r)
}

// addressLength leaves the punctuation of the sentence out, and a bracket that is
// not opened in the address.
func addressLength(address []byte) int {
	n := len(address)
	for n > 0 {
		last := address[n-1]
		if last == ')' && strings.Count(string(address[:n]), ")") <= strings.Count(string(address[:n]), "(") || strings.IndexByte(").,:;!?", last) < 0 {
			break
		}
		n--
	}
	return n
}
