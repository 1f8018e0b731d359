package frontmatter_test

import (
	"fmt"
	"time"

	"tidings.example/posts/frontmatter"
)

func Example() {
	file := []byte("title: 'Git: a cheat sheet'\ndate: 2021-3-8 9:30\ntags: [git, 2021]\n---\n\nFirst paragraph.\n")
	doc, problems := frontmatter.Parse(file, frontmatter.Options{OpenFence: true})
	date, _, _, err := doc.Time(time.FixedZone("", 8*3600), "date")
	fmt.Println(doc.Format, problems, err)
	fmt.Println(doc.Text("title"))
	fmt.Println(date.UTC().Format(time.RFC3339))
	fmt.Printf("%q\n", doc.Strings("tags"))
	fmt.Printf("%q from line %d\n", doc.Body, doc.BodyLine)
	// Output:
	// yaml [] <nil>
	// Git: a cheat sheet
	// 2021-03-08T01:30:00Z
	// ["git" "2021"]
	// "\nFirst paragraph.\n" from line 5
}

func ExampleParse_problem() {
	_, problems := frontmatter.Parse([]byte("---\ntitle: Git: a cheat sheet\n---\n"), frontmatter.Options{})
	for _, p := range problems {
		fmt.Printf("line %d: %s\n", p.Line, p.Message)
	}
	// Output: line 2: the YAML header cannot be read: a value holds a colon and a blank: put the value of title in quotes
}
