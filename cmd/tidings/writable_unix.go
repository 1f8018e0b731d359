//go:build unix

package main

import "golang.org/x/sys/unix"

// writable tells why no file can be made in a folder; nil is no reason.
func writable(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }
