// Package feed turns a selection of posts into RSS 2.0, Atom and JSON Feed,
// keeps the documents as files, and serves them over HTTP.
//
// Start with [Document]: what a feed says of itself, and its entries, which
// [FromRecord] makes of the ledger's records. [Encode] turns it into the bytes
// of one [Format]. It is a pure function: equal documents give equal bytes, so
// [WriteFile] touches a file only when something changed, and a reader that
// asks a [Server] again gets a 304.
//
// Whatever the texts of an entry hold (control characters, broken UTF-8,
// colour codes of a terminal), the bytes are well-formed.
package feed
