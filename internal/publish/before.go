package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Command is what runs before a scan, like git pull.
type Command struct {
	Args    []string // no shell
	Dir     string
	Timeout time.Duration
}

// Run runs the command; the error has the end of what it printed.
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
		return fmt.Errorf("%s: not done within %v", strings.Join(c.Args, " "), c.Timeout)
	}
	return fmt.Errorf("%s: %w%s", strings.Join(c.Args, " "), err, out.quote())
}

// tail keeps the last kilobyte of what a command prints.
type tail struct{ b bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.b.Write(p)
	if extra := t.b.Len() - 1024; extra > 0 {
		t.b.Next(extra)
	}
	return len(p), nil
}

func (t *tail) quote() string {
	text := strings.Join(strings.Fields(t.b.String()), " ")
	if text == "" {
		return ""
	}
	return ": " + text
}
