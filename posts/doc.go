// Package posts reads the posts of a blog and keeps track of what became of
// each of them.
//
// A [Source] yields posts: a site directory of Hexo, Hugo, Jekyll, Zola,
// Eleventy, Astro, Pelican or plain Markdown. A [Scanner] compares what a
// source yields with the [Ledger] and records what is new, edited, withdrawn,
// renamed or returned.
package posts
