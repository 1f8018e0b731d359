package posts

import "errors"

// maxValues is how many elements a document may have, or values, before it is
// read: each costs far more memory than the bytes that name it.
const maxValues = 500_000

// errCostly says that a document is an attack, or a mistake that looks like one.
var errCostly = errors.New("it is built to be costly to read: too many parts, or too deep")

// boundJSON counts values and depth without reading the document: the parser
// that follows makes objects of them all. What is no JSON is for it to tell.
func boundJSON(text []byte) error {
	depth, values := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			values++
		case '}', ']':
			depth--
		case ',':
			values++
		}
		if depth > maxNesting || values > maxValues {
			return errCostly
		}
	}
	return nil
}
