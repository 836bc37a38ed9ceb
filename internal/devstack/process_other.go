//go:build !linux

package devstack

import "syscall"

// setParentDeathSignal does nothing where the kernel has no such signal: a child
// whose parent was killed runs on there, and the next start stops it.
func setParentDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}
