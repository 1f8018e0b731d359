package markdown

import "tidings.example/posts/formula"

// Version is raised when the same body comes to be rendered differently: bodies
// that were rendered by another version are rendered again.
const Version = "3" + formula.Build
