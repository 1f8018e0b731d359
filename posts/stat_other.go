//go:build !linux

package posts

import (
	"io/fs"
	"os"
)

// statIn looks at a file of an open folder.
func statIn(_ *os.File, e fs.DirEntry) (Stamp, error) {
	info, err := e.Info()
	if err != nil {
		return Stamp{}, err
	}
	return stampOf(info), nil
}
