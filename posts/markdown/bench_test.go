package markdown

import (
	"strings"
	"testing"
)

// typicalPost is about 5 KB of Markdown, half Chinese, with code, lists, a
// table, links and a formula.
func typicalPost() []byte {
	const part = "## 第一节 Setup\n\n" +
		"预训练阶段使用海量无标注文本学习语言规律，微调阶段使用少量有标注数据适配任务。复杂度为 $O(n^2)$，见[文档](docs/index.html)。\n\n" +
		"The scheduler keeps track of what was **already sent** and what failed; `retry --max 3` tries again with a longer delay, see [the page](https://example.test/4711).\n\n" +
		"- 道门起料厂合却整白论和力全则\n- a post with *every* reader\n- 三\n\n" +
		"```go\nfunc main() {\n\tfmt.Println(\"hello\") // greet\n\tfor i := 0; i < 10; i++ {\n\t\twork(i)\n\t}\n}\n```\n\n" +
		"| name | value |\n|---|---:|\n| a | 1 |\n| b | 2 |\n\n"
	return []byte("导语。\n\n<!-- more -->\n\n" + strings.Repeat(part, 6))
}

func BenchmarkRender(b *testing.B) {
	post := typicalPost()
	o := Options{Dialect: Hexo, PostURL: "https://blog.example/2026/03/git/", SiteURL: "https://blog.example"}
	b.SetBytes(int64(len(post)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(post, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRenderWithoutFormulas is the same post without its six formulas.
func BenchmarkRenderWithoutFormulas(b *testing.B) {
	post := []byte(strings.ReplaceAll(string(typicalPost()), "$O(n^2)$", "O(n)"))
	o := Options{Dialect: Hexo, PostURL: "https://blog.example/2026/03/git/", SiteURL: "https://blog.example"}
	b.SetBytes(int64(len(post)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(post, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRenderMixed has HTML of the author's in the body, which is read back as a tree.
func BenchmarkRenderMixed(b *testing.B) {
	post := append(typicalPost(), "<details><summary>More</summary>\n\ntext\n\n</details>\n"...)
	o := Options{Dialect: Hexo, PostURL: "https://blog.example/2026/03/git/"}
	b.SetBytes(int64(len(post)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(post, o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSummary(b *testing.B) {
	body := render(b, string(typicalPost()), Options{}).HTML
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if ExcerptHTML(body, Options{}) == "" {
			b.Fatal("no summary")
		}
	}
}
