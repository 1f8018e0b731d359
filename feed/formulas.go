package feed

import (
	"slices"

	"tidings.example/posts/formula"
)

// showFormulas leaves formulas as MathML where the document wants that in format
// f, and makes text of them elsewhere, before anything is measured.
func (d *Document) showFormulas(f Format) {
	shown := d.MathML
	if shown == nil {
		shown = []Format{JSON}
	}
	if slices.Contains(shown, f) {
		return
	}
	for i := range d.Entries {
		d.Entries[i].HTML = formula.Plain(d.Entries[i].HTML)
	}
}
