//go:build !unix

package mailbox

import "os"

// settledSize is the size of a file; this system has no locks of mail servers.
func settledSize(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
