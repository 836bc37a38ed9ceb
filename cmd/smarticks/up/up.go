package up

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/cmd/smarticks/demo"
	"github.com/smarticks/smarticks/cmd/smarticks/remote"
	"github.com/smarticks/smarticks/internal/devstack"
)

// ErrDemo says that the demo missed an effect that it waited for.
var ErrDemo = errors.New("the demo missed an effect")

// Run starts everything, runs the demo, prints where to look, and serves until
// ctx is done. Data is kept in the state directory and found again.
func Run(ctx context.Context, s Settings, out io.Writer) (err error) {
	state, err := filepath.Abs(s.StateDir)
	if err != nil {
		return err
	}
	release, err := devstack.Lock(state)
	if err != nil {
		return err
	}
	defer release()
	logFile, err := os.OpenFile(filepath.Join(state, "smarticks.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, logFile.Close()) }()
	logger, err := s.logger(logFile)
	if err != nil {
		return err
	}

	st := &stack{Settings: s, state: state, out: out, logger: logger}
	if err := st.checkPorts(); err != nil {
		return err
	}
	defer st.close()
	if err := st.start(ctx); err != nil {
		return err
	}
	return st.serve(ctx)
}

// serve runs the roles, and beside them the demo, until ctx is done.
func (st *stack) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	web, err := app.Listen(ctx, st.API.Addr, "SMARTICKS_HTTP_ADDR")
	if err != nil {
		return err
	}
	smtp, err := app.Listen(ctx, st.Mail.Addr, "SMARTICKS_SMTP_ADDR")
	if err != nil {
		return err
	}
	p := st.product
	address := "http://" + web.Addr().String()
	if err := p.DefaultBaseURL(ctx, address); err != nil {
		return err
	}
	// The commands that call a server find it here.
	if err := keep(filepath.Join(st.state, remote.AddressFile), address); err != nil {
		return err
	}
	group.Go(func() error { return p.RunAPI(ctx, st.API, web) })
	group.Go(func() error { return p.RunMail(ctx, st.Mail, smtp) })
	group.Go(func() error { return p.RunStarter(ctx) })
	group.Go(func() error {
		return p.RunWorker(ctx, app.Worker{RelayURL: st.relay(), WebhookAllow: st.allow()}, int(st.Conns))
	})
	group.Go(func() error { return st.watch(ctx) })
	group.Go(func() error {
		if err := st.show(ctx, web.Addr(), smtp.Addr()); err != nil {
			return err
		}
		if st.Once {
			cancel()
		}
		return nil
	})
	return group.Wait()
}

// show runs the demo and prints the addresses.
func (st *stack) show(ctx context.Context, web, smtp net.Addr) error {
	if st.Demo {
		err := demo.Run(ctx, demo.Config{
			API: "http://" + web.String(), Token: st.token, SMTP: smtp.String(), WebhookURL: st.webhooks.URL(),
			SentDir: st.sentDir(), Scale: st.TimeScale, Seed: st.seed, Out: st.out,
		})
		if ctx.Err() != nil {
			return nil // interrupted, or another part failed and says so itself
		}
		if err != nil && st.Once {
			return fmt.Errorf("%w: %w", ErrDemo, err)
		}
		if err != nil {
			fmt.Fprintf(st.out, "\nThe demo missed something: %v\nThe log is %s.\n", err, filepath.Join(st.state, "smarticks.log"))
		}
	}
	st.addresses(web, smtp)
	return nil
}
