//go:build !nomath

package formula

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// Build tells how this program shows formulas, for those who keep what it made:
// "" as MathML, "-nomath" as TeX.
const Build = ""

//go:embed temml/temml.min.js
var temml string

// program is Temml, read once: that takes some thirty milliseconds, making an
// engine of it ten.
var program = sync.OnceValues(func() (*goja.Program, error) { return goja.Compile("temml.min.js", temml, false) })

// engines that are idle. The garbage collector takes them when no formula comes
// for a while.
var engines sync.Pool

// engine runs Temml; one goroutine at a time may use it.
type engine struct {
	vm     *goja.Runtime
	render goja.Callable
}

// guard bounds what the expansion of a macro with arguments may grow to: Temml
// itself counts expansions, but not what they leave. Splice is how it puts
// arguments in their places.
const guard = `(function () {
	"use strict";
	const splice = Array.prototype.splice;
	Array.prototype.splice = function () {
		if (this.length + arguments.length > 10000) throw new Error("grows too large");
		return splice.apply(this, arguments);
	};
})()`

// entry renders one formula. The macros are those that writers of KaTeX take for
// granted and Temml keeps in an extension; each formula gets a table of its own,
// so that what one defines is forgotten with it. Nothing is trusted: no links,
// no pictures, no attributes of the author's.
const entry = `(function (tex, display) {
	return temml.renderToString(tex, {
		displayMode: display, xml: true, throwOnError: true, trust: false, strict: false, maxExpand: 1000, maxSize: [50, 50],
		macros: { "\\R": "\\mathbb{R}", "\\N": "\\mathbb{N}", "\\Z": "\\mathbb{Z}", "\\Q": "\\mathbb{Q}", "\\C": "\\mathbb{C}", "\\reals": "\\mathbb{R}", "\\natnums": "\\mathbb{N}", "\\Complex": "\\mathbb{C}" },
	});
})`

// maxCalls bounds the functions of Temml inside each other, and so the groups of
// a formula.
const maxCalls = 1200

func newEngine() (*engine, error) {
	code, err := program()
	if err != nil {
		return nil, fmt.Errorf("read Temml: %w", err)
	}
	e := &engine{vm: goja.New()}
	e.vm.SetMaxCallStackSize(maxCalls)
	if _, err := e.vm.RunString(guard); err != nil {
		return nil, fmt.Errorf("start Temml: %w", err)
	}
	if _, err := e.vm.RunProgram(code); err != nil {
		return nil, fmt.Errorf("start Temml: %w", err)
	}
	f, err := e.vm.RunString(entry)
	if err != nil {
		return nil, fmt.Errorf("start Temml: %w", err)
	}
	e.render, _ = goja.AssertFunction(f)
	return e, nil
}

// errTime is why a formula that runs too long is stopped.
var errTime = errors.New("takes too long")

// convert returns what Temml makes of TeX.
func convert(tex string, display bool) (string, error) {
	e, _ := engines.Get().(*engine)
	if e == nil {
		var err error
		if e, err = newEngine(); err != nil {
			return "", err
		}
	}
	// The limits on length, expansions and depth end every formula that was
	// tried in a fraction of this; it is for the one that was not.
	alarm := time.AfterFunc(maxTime, func() { e.vm.Interrupt(errTime) })
	v, err := e.render(goja.Undefined(), e.vm.ToValue(tex), e.vm.ToValue(display))
	if alarm.Stop() {
		engines.Put(e) // else the interrupt may still come
	}
	var interrupted *goja.InterruptedError
	if errors.As(err, &interrupted) {
		return "", errTime
	}
	if err != nil {
		return "", errors.New(reason(err))
	}
	return v.String(), nil
}

// reason is what Temml has against a formula, as one short line.
func reason(err error) string {
	var overflow *goja.StackOverflowError
	if errors.As(err, &overflow) {
		return "is nested too deeply"
	}
	var thrown *goja.Exception
	if !errors.As(err, &thrown) {
		return "cannot be read"
	}
	kind, text, found := strings.Cut(thrown.Value().String(), ":")
	if !found || kind != "ParseError" && kind != "Error" {
		return "cannot be read" // a mistake of Temml's
	}
	for _, end := range []string{"\n", " at position ", " at end of input"} {
		text, _, _ = strings.Cut(text, end)
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == '\u0332' { // Temml underlines the place
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:80]) + "…"
	}
	return text
}
