//go:build !linux

package feed

// syncFileSystem is for systems that cannot: files are synced one by one.
func syncFileSystem(string) (done bool, err error) { return false, nil }
