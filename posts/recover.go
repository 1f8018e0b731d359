package posts

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// mishap makes a message of what a panic left, recovered from while one file
// was read: the other files go on. It names the place for the report.
func mishap(doing string, cause any) string {
	return fmt.Sprintf("%s it failed inside tidings: %v%s; please report it, with the file", doing, cause, panicPlace())
}

// failOn turns a panic into an error; it must be deferred itself.
func failOn(doing string, err *error) {
	if cause := recover(); cause != nil {
		*err = errors.New(mishap(doing, cause))
	}
}

// panicPlace is the line that panicked, as " (at file.go:12)"; "" where it
// cannot be told. It must be called while the panic is being recovered from.
func panicPlace() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for panicked := false; ; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicked = true
		case panicked && !strings.HasPrefix(f.Function, "runtime."):
			return fmt.Sprintf(" (at %s:%d)", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return ""
		}
	}
}
