//go:build race

package markdown

// raced: the race detector makes everything some ten times slower.
const raced = true
