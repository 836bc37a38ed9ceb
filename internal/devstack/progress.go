package devstack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// say writes one line for the person who waits. A nil writer means nobody does.
func say(w io.Writer, format string, args ...any) {
	if w != nil {
		// Progress that cannot be shown is no reason to stop the work.
		_, _ = fmt.Fprintf(w, format+"\n", args...)
	}
}

// runAloud runs a long command and says every ten seconds that it is alive.
// The command's own output is kept back; its end is in the error when it fails.
// cmd must come from exec.CommandContext, so that ctx ends it.
func runAloud(ctx context.Context, cmd *exec.Cmd, progress io.Writer, doing string) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	done := make(chan error, 1)
	go func() { done <- cmd.Run() }()
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			say(progress, "  still %s, %d s", doing, int(time.Since(began).Seconds()))
		case err := <-done:
			if err == nil {
				return nil
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%s: %w; the last it said:\n%s", strings.Join(cmd.Args, " "), err, lastLines(out.Bytes(), 15))
		}
	}
}
