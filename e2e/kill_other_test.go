//go:build !linux

package e2e_test

import "syscall"

// endWithParent is for Linux only.
func endWithParent(*syscall.SysProcAttr) {}
