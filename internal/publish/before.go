package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// Command is what runs before a scan, like git pull.
type Command struct {
	Args    []string // no shell
	Dir     string
	Timeout time.Duration
}

// Run runs the command; the error has its name and the end of what it printed.
// Arguments, and names and passwords in addresses, stay out of the error: it
// goes into logs and letters.
func (c Command) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir = c.Dir
	// A child of the command may keep its output open after it was killed.
	cmd.WaitDelay = 2 * time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s: not done within %v", c.Args[0], c.Timeout)
	}
	return fmt.Errorf("%s: %w%s", c.Args[0], err, out.quote())
}

// tail keeps the last kilobyte of what a command prints.
type tail struct {
	b   bytes.Buffer
	cut bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.b.Write(p)
	if extra := t.b.Len() - 1024; extra > 0 {
		t.b.Next(extra)
		t.cut = true
	}
	return len(p), nil
}

// login is what stands between the scheme and the host of an address.
const login = `([A-Za-z][A-Za-z0-9+.-]*://)[^/\s]*@`

func (t *tail) quote() string {
	words := strings.Fields(t.b.String())
	if t.cut && len(words) > 0 {
		words = words[1:] // its beginning is lost: it may be half an address
	}
	if len(words) == 0 {
		return ""
	}
	return ": " + regexp.MustCompile(login).ReplaceAllString(strings.Join(words, " "), "$1")
}
