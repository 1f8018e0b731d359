//go:build !unix

package store

import "os"

// likeOwner has nothing to do: owners are inherited from the folder.
func likeOwner(string, os.FileInfo) {}

// mayNotWrite knows nothing of modes here.
func mayNotWrite(string) bool { return false }
