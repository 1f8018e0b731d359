package hostile

import (
	"bytes"
	"strings"
)

// fault puts one thing that is wrong into a text.
type fault struct {
	name string
	do   func(*source, []byte) []byte
}

// inline puts some of the pieces anywhere, inside words, code and tags.
func inline(name string, pieces ...string) fault {
	return fault{name, func(r *source, b []byte) []byte {
		for range 1 + r.IntN(6) {
			b = insert(b, r.place(b), r.pick(pieces))
		}
		return b
	}}
}

// block puts some of the pieces before lines, as paragraphs or in the midst of them.
func block(name string, pieces ...string) fault {
	return fault{name, func(r *source, b []byte) []byte {
		for range 1 + r.IntN(3) {
			gap := r.pick([]string{"\n", "\n\n"})
			b = insert(b, r.line(b), gap+r.pick(pieces)+gap)
		}
		return b
	}}
}

// repeated puts a piece many times in a row, with what closes it or without.
func repeated(name string, most int, pieces ...[2]string) fault {
	return fault{name, func(r *source, b []byte) []byte {
		p, n := pieces[r.IntN(len(pieces))], 1+r.IntN(most)
		return insert(b, r.line(b), "\n\n"+strings.Repeat(p[0], n)+"x"+strings.Repeat(p[1], n)+"\n\n")
	}}
}

// faults are what may be in any post.
var faults = []fault{
	inline("control characters", "\x00", "\x01", "\b", "\v", "\f", "\x0e", "\x1f", "\x7f", "\u0080", "\u0085", "\u009f", "\x02", "\x03", "{\x020\x03"),
	inline("terminal colours", "\x1b[1;31m", "\x1b[0m", "\x1b]0;title\a", "\x1b", "\u009b31m", "\x1b(B"),
	inline("noncharacters", "\ufffe", "\uffff", "\ufdd0", "\ufdef", "\U0001fffe", "\U0010ffff", "\ufffd", "\ufeff"),
	inline("surrogates", "\xed\xa0\x80", "\xed\xb0\x80", "\xed\xa0\xbd\xed\xb8\x80", "&#xD800;", "&#xD83D;&#xDE00;", "&#xDFFF;"),
	inline("broken bytes", "\xff", "\xfe", "\xc0\x80", "\xe4\xbd", "\xf4\x90\x80\x80", "\x80", "\xc4\xe3\xba\xc3", "\xa7\x41\xa6\x6e", "\x82\xb1\x82\xf1"),
	inline("references", "&#x0;", "&#x8;", "&#x1b;[31m", "&#xFFFE;", "&#x110000;", "&#x99999999999;", "&nbsp;", "&bogus;", "&#x80;", "&#xD;", "&", "&#", "&#x"),
	inline("ends of sections", "]]>", "<![CDATA[", "-->", "<!--", "<?xml", "?>", "<!DOCTYPE html>", "<!ENTITY a 'b'>", "</content>", "</item></channel></rss>"),
	inline("templates", "{{", "}}", "{{ .Site }}", "{{<", ">}}", "{%", "%}", "{% raw %}", "{% endraw %}", "{% codeblock %}", "{% unknown a b %}", "<%= x %>", "%recipient%", "${x}", "{#", "{{{{"),
	inline("directions", "\u202e", "\u202d", "\u2066", "\u200f", "\u200e", "\u2028", "\u2029", "\u200b", "\u200d", "\u00ad"),
	inline("marks", "a"+strings.Repeat("\u0301", 60), "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇨🇳", "𠮷", "\u0f3a", "ﷺ"),
	inline("markup signs", "*", "**", "_", "~~", "`", "```", "$", "$$", `\(`, `\[`, "[", "](", "![", "<", ">", "|", "\\", "[^1]", "[^1]:", "</", "<a href=\"x\">"),
	inline("line ends", "\r", "\r\n", "\n\r", "\u0085", "\f\n"),
	inline("no end of tags", "<div>", "<span style='x'>", "<b><i>", "<table><tr>", "</p>", "</div></div>", "<p", "<!-- ", "<pre>", "<textarea>", "<title>", "<plaintext>", "<select>", "<xmp>"),
	block("no end of quotes", "<div style='x", "<p title=\"x", "<table border=\"", "<!-- \"", "<li class='"),
	block("scripts", "<script>alert('</'+'script>')</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<scr<script>ipt>alert(1)</script>", "<img src=x onerror=alert(1)>",
		"<body onload=alert(1)>", `<a href="x" onclick="alert(1)" style="position:fixed">x</a>`, "<style>@import 'x'</style>", "<link rel=stylesheet href=x>", "<meta http-equiv=refresh content='0;url=x'>", "<base href='https://evil.example/'>"),
	block("addresses", `[x](javascript:alert(1))`, `[x](java&#x09;script:alert(1))`, "[x](&#x6a;avascript:alert(1))", "<a href=' &#14; javascript:alert(1)'>x</a>", "<a href='java\nscript:alert(1)'>x</a>",
		"![x](data:image/svg+xml;base64,PHN2Zz4=)", "<img src='data:image/png;base64,iVBORw0KGgo='>", "[x](vbscript:a)", "[x](//evil.example\\@good.example/)", "[x](http://[::1]:99999/%zz)", "<img srcset='a.png 1x, data:x 2x, ,, b,c.png'>",
		"[x](#%00)", "[x](../../../../a?b#c#d)", "[x](<a b>)", "[x](file:///etc/passwd)", "<http://a.example/\u202e>", "<video poster='javascript:x' src='/v.mp4' autoplay></video>"),
	block("frames and forms", "<iframe src='https://www.youtube.com/embed/x?a=1&b=2' srcdoc='<script>x</script>'></iframe>", "<iframe>", "<object data=x><embed src=y></object>", "<form action=x><input type=text><button>b</button>", "<textarea></p>", "<dialog open>x"),
	block("foreign markup", "<svg><script>alert(1)</script><foreignObject><p>x</foreignObject></svg>", "<svg><style><img src=x onerror=alert(1)></style></svg>", "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
		"<math><annotation-xml encoding='text/html'><p onclick=x>a</p></annotation-xml></math>", "<math href='javascript:x'><mi xlink:href='javascript:x'>x</mi><maction actiontype='statusline#x'>y</maction></math>", "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
		"<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>", "<math><mi><b>x</mi></math>", "<math alttext=']]> \" < &'><mi>x</mi></math>"),
	block("formulas", `$$\def\a{\a\a}\a$$`, `$$\gdef\x{leak}\x$$`, `$$\frac{1}{$$`, `$\href{javascript:alert(1)}{x}$`, `$$\includegraphics{https://evil.example/x.png}$$`, `$$\begin{align}a&=b\\c&=d\end{align}$$`, `$\unknowncommand{x}$`, `$$x]]>y<z&w$$`, `$\text{中文 <b>} \unicode{xD800}$`, `$$\ce{H2O -> H+ + OH-}$$`, `$\char"D800 \char"FFFE$`, "$$\x01\ufffe$$"),
	block("front matter again", "---\ntitle: x\n---", "+++\nx = 1\n+++", "---", "===", "<!-- more -->", "<!--more"),
	block("links", "[a]: javascript:alert(1)\n\n[a]", "[^1]: note\n\n[^1][^1][^1]", "[a]: <b c> 'd\n\n[a]", "* [x](#a)\n* [y](#b)\n{:toc}", "[[wiki|link]] ((ref)) ==mark== ^sup^"),
	repeated("nesting", 400, [2]string{"> ", ""}, [2]string{"- ", ""}, [2]string{"1. ", ""}, [2]string{"<div>", "</div>"}, [2]string{"<div>", ""}, [2]string{"<b>", ""}, [2]string{"<blockquote>", "</blockquote>"}, [2]string{"(", ")"}, [2]string{"<table><tr><td>", ""}, [2]string{"<math><mrow>", "</mrow></math>"}),
	repeated("bombs", 2000, [2]string{"*a ", ""}, [2]string{"**a", "**"}, [2]string{"[", "](u)"}, [2]string{"[a](", ")"}, [2]string{"![", ""}, [2]string{"`a``b```", ""}, [2]string{"$a ", ""}, [2]string{"~~a ", ""}, [2]string{"_a", "_"}, [2]string{"[a]: b\n", ""}, [2]string{"[^a] ", ""}, [2]string{"<a", ""}, [2]string{"&#x41;&amp", ""}),
	repeated("formula bombs", 300, [2]string{"$$" + `\frac{a}{b}` + "$$\n\n", ""}, [2]string{"$x^{", ""}, [2]string{`\(\sqrt{`, `}\)`}, [2]string{`$\def\a{b}$ `, ""}),
	{"cut off", func(r *source, b []byte) []byte { return b[:r.place(b)] }},
	{"two halves", func(r *source, b []byte) []byte {
		at := r.place(b)
		return append(bytes.Clone(b[at:]), b[:at]...)
	}},
	{"flipped bytes", func(r *source, b []byte) []byte {
		b = bytes.Clone(b)
		for range 1 + len(b)/2000 {
			if len(b) > 0 {
				b[r.IntN(len(b))] ^= byte(1 << r.IntN(8))
			}
		}
		return b
	}},
	{"doubled part", func(r *source, b []byte) []byte {
		from, to := r.place(b), r.place(b)
		if from > to {
			from, to = to, from
		}
		return insert(b, r.line(b), string(b[from:min(to, from+4000)]))
	}},
	{"no line ends", func(r *source, b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte(" ")) }},
	{"no spaces", func(r *source, b []byte) []byte { return bytes.ReplaceAll(b, []byte(" "), nil) }},
	{"nothing", func(r *source, b []byte) []byte {
		return []byte(r.pick([]string{"", " ", "\n\n", "\ufeff", "\x00", "<!-- more -->", "&#xD800;"}))
	}},
	{"wide table", func(r *source, b []byte) []byte {
		n := 1 + r.IntN(200)
		row := strings.Repeat("|a", n) + "|\n"
		return insert(b, r.line(b), "\n\n"+row+strings.Repeat("|-", n)+"|\n"+strings.Repeat(row, 1+r.IntN(20))+"|short|\n\n")
	}},
}
