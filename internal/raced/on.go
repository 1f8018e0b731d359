//go:build race

// Package raced tells tests whether the race detector is on. It makes everything
// some ten times slower: a test of one goroutine that takes seconds leaves it out.
package raced

// On says that the race detector is on.
const On = true
