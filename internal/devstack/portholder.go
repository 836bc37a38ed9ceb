package devstack

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// portHolder says who listens on a TCP port of this machine, as "pid 12, nginx". It
// knows that only where there is /proc, and only of processes that we may look
// into; else it answers an empty string.
func portHolder(port int) string {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		listeningInodes(string(b), port, inodes)
	}
	if len(inodes) == 0 {
		return ""
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !inodes[target] {
			continue
		}
		dir := filepath.Dir(filepath.Dir(link))
		name, _ := os.ReadFile(filepath.Join(dir, "comm"))
		return fmt.Sprintf("pid %s, %s", filepath.Base(dir), strings.TrimSpace(string(name)))
	}
	return ""
}

// listeningInodes adds the sockets that listen on port, written as the links in
// /proc/<pid>/fd show them, from a table in the form of /proc/net/tcp.
func listeningInodes(table string, port int, into map[string]bool) {
	const listening = "0A"
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != listening {
			continue
		}
		_, hex, ok := strings.Cut(f[1], ":")
		if !ok {
			continue
		}
		if p, err := strconv.ParseUint(hex, 16, 16); err == nil && int(p) == port {
			into["socket:["+f[9]+"]"] = true
		}
	}
}
