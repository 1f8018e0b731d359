//go:build !nomath

package formula

import (
	"testing"

	"github.com/dop251/goja"
)

// BenchmarkEngine is what the first formula of a run costs.
func BenchmarkEngine(b *testing.B) {
	for b.Loop() {
		if _, err := goja.Compile("temml.min.js", temml, false); err != nil {
			b.Fatal(err)
		}
		if _, err := newEngine(); err != nil {
			b.Fatal(err)
		}
	}
}
