// Command tidings turns a blog into feeds and newsletters.
//
// cli.go is the table of commands, one file holds each command, assemble.go is
// the only place that sees every package, testdata is the manual, executed.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(execute(context.Background(), os.Args[1:], system()))
}
