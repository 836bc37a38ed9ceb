//go:build !crashpoint

package main

// crashPoint is nil in every build but that of the crash tests.
func crashPoint() func(string) { return nil }
