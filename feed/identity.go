package feed

import (
	"strings"

	"tidings.example/posts"
)

// shownID is the id of a post in a document of the format. An id that readers
// hold is kept to the letter, even where the standard wants it otherwise:
// any other spelling is another entry to them.
func shownID(id string, shown *posts.GUIDs, f Format) string {
	held := strings.TrimSpace(clean(shown.For(f.String())))
	switch {
	case held == "" && id == "":
		return ""
	case held == "":
		return identifier(id)
	case f == Atom && shown.Atom == "" && !hasScheme(held):
		return identifier(held) // held of another format, and no IRI
	}
	return held
}

// hasScheme tells whether the id begins as an IRI does (RFC 3986 section 3.1).
func hasScheme(id string) bool {
	scheme, rest, found := strings.Cut(id, ":")
	if !found || scheme == "" || rest == "" {
		return false
	}
	for i := range len(scheme) {
		c := scheme[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || strings.IndexByte("0123456789+-.", scheme[i]) < 0) {
			return false
		}
	}
	return true
}

// ownIDs gives the later ones of entries that are shown under one id their own.
func ownIDs(entries, in []Entry) {
	first := make(map[string]int, len(entries))
	for i := range entries {
		e := &entries[i]
		j, taken := first[e.ID]
		if taken && entries[j].Seq <= e.Seq {
			e.ID = identifier(in[i].ID)
			continue
		}
		if first[e.ID] = i; taken {
			entries[j].ID = identifier(in[j].ID)
		}
	}
}
