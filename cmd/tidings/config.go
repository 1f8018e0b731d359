package main

import (
	"errors"
	"io/fs"

	"github.com/pelletier/go-toml/v2"

	"tidings.example/internal/config"
)

type configCmd struct{}

// Run prints the configuration with its defaults, as TOML or JSON.
func (configCmd) Run(sh *shell) error {
	c, err := sh.config()
	if err != nil {
		return err
	}
	if sh.args.JSON {
		return sh.printJSON(c)
	}
	text, err := toml.Marshal(c)
	if err != nil {
		return err
	}
	sh.printf("# %s\n%s", c.File, text)
	return nil
}

// config loads the file that --config names.
func (sh *shell) config() (*config.Config, error) {
	c, err := config.Load(sh.args.Config, sh.getenv)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("no configuration at %s: run tidings init in the folder of your blog, or name the file with --config", sh.args.Config)
	}
	var unreadable *fs.PathError
	if errors.As(err, &unreadable) {
		return nil, usagef("the configuration %s: %w: name a file that can be read with --config", unreadable.Path, unreadable.Err)
	}
	return c, err
}
