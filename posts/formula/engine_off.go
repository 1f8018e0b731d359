//go:build nomath

package formula

// Build tells how this program shows formulas, for those who keep what it made:
// "" as MathML, "-nomath" as TeX.
const Build = "-nomath"

func convert(string, bool) (string, error) { return "", ErrOff }
