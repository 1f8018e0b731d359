package markdown_test

import (
	"fmt"

	"tidings.example/posts/markdown"
)

func ExampleRender() {
	r, err := markdown.Render([]byte("用 `git add <file>` 暂存，见[文档](docs/)。\n"), markdown.Options{
		Dialect: markdown.Hexo,
		PostURL: "https://blog.example/2026/git/",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(r.HTML)
	fmt.Println(r.Summary)
	// Output:
	// <p>用 <code>git add &lt;file&gt;</code> 暂存，见<a href="https://blog.example/2026/git/docs/">文档</a>。</p>
	// 用 git add <file> 暂存，见文档。
}
