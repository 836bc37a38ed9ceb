//go:build crashpoint

package main

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// crashPoint kills the process at the point that CRASH_AT names, the n-th time
// that it is passed (advance-committed:1).
func crashPoint() func(string) {
	name, nth, _ := strings.Cut(os.Getenv("CRASH_AT"), ":")
	n, err := strconv.ParseInt(nth, 10, 64)
	if name == "" || err != nil {
		return nil
	}
	var passed atomic.Int64
	return func(point string) {
		if point == name && passed.Add(1) == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
	}
}
