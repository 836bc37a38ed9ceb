// Command prepare makes ready what the tests start: it finds or installs Postgres,
// and builds the Temporal dev server into SMARTICKS_BIN_DIR.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/smarticks/smarticks/internal/devstack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := prepare(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "prepare:", err)
		os.Exit(1)
	}
}

func prepare(ctx context.Context) error {
	binDir := os.Getenv("SMARTICKS_BIN_DIR")
	if binDir == "" {
		return fmt.Errorf("SMARTICKS_BIN_DIR is not set: run this by make test")
	}
	if os.Getenv("TEST_DATABASE_URL") == "" {
		// A server that starts proves more than programs that are there.
		pg, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{Throwaway: true, Progress: os.Stdout})
		if err != nil {
			return err
		}
		if err := pg.Close(); err != nil {
			return err
		}
	}
	_, err := devstack.EnsureTemporal(ctx, binDir, os.Stdout)
	return err
}
