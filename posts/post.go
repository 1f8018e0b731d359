package posts

import "time"

// State says whether a post may be seen, and if not, why.
type State string

// The states of a post as its source declares it. Future and Expired depend on
// the clock: see [Post.StateAt].
const (
	Published State = "published"
	Draft     State = "draft"
	Future    State = "future"
	Expired   State = "expired"
	Hidden    State = "hidden"
	Protected State = "protected"
)

// Author is one person who wrote a post. Name is never empty.
type Author struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
	URL   string `json:"url,omitempty"`
}

// Enclosure is a file that comes with a post, such as an episode's recording.
type Enclosure struct {
	// URL is absolute. Type is a media type, Title plain text; "" where they
	// are not known.
	URL   string `json:"url"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
	// Length is in bytes, 0 where it is not known; so is Duration.
	Length   int64         `json:"length,omitempty"`
	Duration time.Duration `json:"duration,omitempty"`
}

// Origin is the feed that a post was first published in, where that is another
// one than the publication's own.
type Origin struct {
	// Title is plain text, ID what the feed calls itself by; Feed and URL are the
	// absolute addresses of the feed and of its page. Any may be "".
	Title string `json:"title,omitempty"`
	ID    string `json:"id,omitempty"`
	Feed  string `json:"feed,omitempty"`
	URL   string `json:"url,omitempty"`
}

// Post is one article as its source gives it, without its body: bodies are
// rendered on demand by [Source.Render].
type Post struct {
	// Path is relative to the source's root, with slashes.
	Path string
	// ExplicitID is the id that the front matter names, or "".
	ExplicitID string
	// Title is one line of plain text with entities decoded, or "" where the
	// post has none: use [Post.DisplayTitle] to show it.
	Title string
	// Date and Updated are instants; zero where the post does not say.
	Date, Updated time.Time
	// NotBefore and Expires bound the time in which the post may be seen; zero
	// is no bound.
	NotBefore, Expires time.Time
	// Declared is the state apart from the clock: never Future or Expired.
	Declared State
	// Tags and Categories are by the rule of the site's generator, in its order.
	Tags, Categories []string
	Authors          []Author
	// Language is a BCP 47 tag, or "" where neither post nor site names one.
	Language string
	Slug     string
	// URL is absolute and percent-encoded, or "" where it cannot be derived
	// (a Problem says why).
	URL string
	// Aliases are further absolute URLs under which the post was known.
	Aliases []string
	// Summary is the front matter's own summary: plain text, verbatim, or "".
	Summary string
	// Image is the absolute URL of the picture that the front matter names, or "".
	Image string
	// Thumbnail is the absolute URL of the small picture that the front matter
	// names beside the other one, or "".
	Thumbnail string
	// Enclosures are the files that come with the post, the first one first.
	Enclosures []Enclosure
	// Origin is the feed that the post came from, zero for a post of a site.
	Origin Origin
	// Hash is of the file's bytes; it decides whether a file was touched.
	Hash string
	// Fingerprint is of the body with white space folded; it decides whether a
	// file is a rename of a vanished one and whether an edit touched the text.
	Fingerprint string
	// Stamp is the file's size and time when it was read.
	Stamp Stamp
}

// Stamp is the cheap hint that a file did not change.
type Stamp struct {
	Size    int64
	ModTime int64 // Unix nanoseconds
}

// StateAt returns the state of the post at the instant now.
func (p *Post) StateAt(now time.Time) State {
	switch {
	case p.Declared != Published && p.Declared != "":
		return p.Declared
	case !p.NotBefore.IsZero() && p.NotBefore.After(now):
		return Future
	case !p.Expires.IsZero() && !p.Expires.After(now):
		return Expired
	}
	return Published
}

// Problem is something about one file that its owner should mend.
type Problem struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`    // 1-based; 0 where no line is to blame
	Message string `json:"message"` // what is wrong and what to do
	// Warning says that the post was read all the same.
	Warning bool `json:"warning,omitempty"`
}
