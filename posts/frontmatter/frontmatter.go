// Package frontmatter splits a post's file into header and body and decodes
// the header, in every form that site generators accept.
package frontmatter
