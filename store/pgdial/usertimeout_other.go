//go:build !linux

package pgdial

import "syscall"

// setUserTimeout does nothing where the kernel has no such option; the deadlines of
// each read and write hold everywhere.
func setUserTimeout(string, string, syscall.RawConn) error { return nil }
