package posts

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func knownFiles(names string, end error) iter.Seq2[Known, error] {
	return func(yield func(Known, error) bool) {
		for _, name := range strings.Fields(names) {
			if !yield(Known{Path: name}, nil) {
				return
			}
		}
		if end != nil {
			yield(Known{}, end)
		}
	}
}

// A source may read all that is known before its first entry, a little ahead,
// or nothing: the scan sees every known file in order all the same.
func TestScanSeesAllKnownFilesHoweverTheSourceReads(t *testing.T) {
	t.Parallel()
	names := "a b c d e f g h"
	rapid.Check(t, func(rt *rapid.T) {
		f := newFeed(knownFiles(names, nil))
		defer f.close()
		next, stop := iter.Pull2(f.all())
		defer stop()
		var scan, source []string
		for range 40 {
			if rapid.Bool().Draw(rt, "source") {
				if k, err, ok := next(); ok && err == nil {
					source = append(source, k.Path)
				}
				continue
			}
			if k, ok, err := f.peek(); ok && err == nil {
				scan = append(scan, k.Path)
				f.drop()
			}
		}
		for {
			k, ok, err := f.peek()
			if err != nil {
				rt.Fatal(err)
			}
			if !ok {
				break
			}
			scan = append(scan, k.Path)
			f.drop()
		}
		if got := strings.Join(scan, " "); got != names {
			rt.Fatalf("the scan saw %s", got)
		}
		if !slices.IsSorted(source) || len(slices.Compact(slices.Clone(source))) != len(source) {
			rt.Fatalf("the source saw %v", source)
		}
	})
}

func TestErrorOfTheLedgerReachesSourceAndScan(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk")
	f := newFeed(knownFiles("a", broken))
	defer f.close()
	var last error
	for _, err := range f.all() {
		last = err
	}
	if !errors.Is(last, broken) {
		t.Errorf("the source saw %v", last)
	}
	if _, ok := f.take("a"); !ok {
		t.Error("the file before the error is lost")
	}
	if _, _, err := f.peek(); !errors.Is(err, broken) {
		t.Errorf("the scan saw %v", err)
	}
}
