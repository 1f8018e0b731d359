// Command cmd writes a site of hostile posts: see package hostile.
package main

import (
	"flag"
	"fmt"
	"os"

	"tidings.example/internal/hostile"
)

func main() {
	seed := flag.Uint64("seed", 1, "decides everything")
	n := flag.Int("n", 1000, "how many posts")
	from := flag.String("from", "", "folder with Markdown files to make hostile (default: samples of our own)")
	to := flag.String("to", "", "folder of the Hexo site that is written")
	flag.Parse()
	if err := run(*seed, *n, *from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
		os.Exit(1)
	}
}

func run(seed uint64, n int, from, to string) error {
	if to == "" {
		return fmt.Errorf("-to names no folder")
	}
	samples := hostile.Samples()
	if from != "" {
		var err error
		if samples, err = hostile.Read(from); err != nil {
			return err
		}
	}
	return hostile.Write(to, seed, n, samples)
}
