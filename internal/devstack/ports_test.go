package devstack

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestTakenPortNamesHolderAndSetting(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	err = CheckFree(l.Addr().String(), "SMARTICKS_HTTP_ADDR")
	var taken *PortTakenError
	if !errors.As(err, &taken) || taken.Port != l.Addr().(*net.TCPAddr).Port {
		t.Fatalf("got %v, want PortTakenError", err)
	}
	if !strings.HasSuffix(err.Error(), "move ours with SMARTICKS_HTTP_ADDR") {
		t.Errorf("the error does not name the setting: %v", err)
	}
	if want := fmt.Sprintf("(by pid %d, ", os.Getpid()); runtime.GOOS == "linux" && !strings.Contains(err.Error(), want) {
		t.Errorf("the error does not name us: %v", err)
	}
	l.Close()
	if err := CheckFree(l.Addr().String(), "SMARTICKS_HTTP_ADDR"); err != nil {
		t.Fatalf("free again: %v", err)
	}
}

func TestListeningInodesTakesListenersOfThePortOnly(t *testing.T) {
	t.Parallel()
	table := `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 x
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 222 1 x
   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 x
`
	got := map[string]bool{}
	listeningInodes(table, 8080, got)
	if len(got) != 1 || !got["socket:[111]"] {
		t.Fatalf("got %v", got)
	}
}
