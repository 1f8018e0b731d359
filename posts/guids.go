package posts

// GUIDs are the ids under which feeds show a post in place of its own: ids that
// readers held before the blog came here. They are kept to the letter, because
// that is how readers compare them. The zero value is none.
type GUIDs struct {
	// Any is for each format that has none of its own.
	Any  string `json:"any,omitempty"`
	RSS  string `json:"rss,omitempty"`
	Atom string `json:"atom,omitempty"`
	JSON string `json:"json,omitempty"`
}

// The formats of feeds, as a [GUID] names them; "" is any.
const (
	RSSFormat  = "rss"
	AtomFormat = "atom"
	JSONFormat = "json"
)

// GUID is an id under which feeds of a format show a post.
type GUID struct{ Format, Text string }

// Own returns the id that is for the format alone, "" for none. Format "" is any.
func (g *GUIDs) Own(format string) string { return *g.at(format) }

// For returns the id for a format, "" where the post is shown under its own.
func (g *GUIDs) For(format string) string {
	if own := g.Own(format); own != "" {
		return own
	}
	return g.Any
}

// Set sets the id for a format.
func (g *GUIDs) Set(format, id string) { *g.at(format) = id }

func (g *GUIDs) at(format string) *string {
	switch format {
	case RSSFormat:
		return &g.RSS
	case AtomFormat:
		return &g.Atom
	case JSONFormat:
		return &g.JSON
	}
	return &g.Any
}

// ShownID returns the id under which feeds of a format show the post.
func (r *Record) ShownID(format string) string {
	if id := r.GUIDs.For(format); id != "" {
		return id
	}
	return r.ID
}
