package up

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/internal/devstack"
	"github.com/smarticks/smarticks/internal/sinks"
	"github.com/smarticks/smarticks/store/migrations"
)

// databaseName is our database in the private Postgres.
const databaseName = "smarticks"

// stack is what up started.
type stack struct {
	Settings
	state  string
	out    io.Writer
	logger *slog.Logger

	postgres *devstack.Postgres
	temporal *devstack.Temporal
	mailSink *sinks.Mail
	webhooks *sinks.Webhook
	product  *app.Product
	token    string
	seed     string
}

// checkPorts finds out before anything is started whether an address is taken.
func (st *stack) checkPorts() error {
	type need struct {
		addr, setting string
		used          bool
	}
	local := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	for _, n := range []need{
		{st.API.Addr, "SMARTICKS_HTTP_ADDR", true},
		{st.Mail.Addr, "SMARTICKS_SMTP_ADDR", true},
		{local(st.SinkPort), "SMARTICKS_UP_SINK_PORT", st.RelayURL == ""},
		{local(st.WebhookPort), "SMARTICKS_UP_WEBHOOK_PORT", st.Demo},
		{local(st.TemporalPort), "SMARTICKS_UP_TEMPORAL_PORT", st.Address == ""},
		{local(st.UIPort), "SMARTICKS_UP_UI_PORT", st.Address == ""},
	} {
		if n.used {
			if err := devstack.CheckFree(n.addr, n.setting); err != nil {
				return err
			}
		}
	}
	return nil
}

// start starts what the roles need and opens the product on it.
func (st *stack) start(ctx context.Context) error {
	if err := st.startPostgres(ctx); err != nil {
		return err
	}
	if err := st.startTemporal(ctx); err != nil {
		return err
	}
	if err := migrations.Up(ctx, st.URL); err != nil {
		return err
	}
	var err error
	if st.RelayURL == "" {
		if st.mailSink, err = sinks.StartMail(net.JoinHostPort("127.0.0.1", strconv.Itoa(st.SinkPort)), st.sentDir()); err != nil {
			return err
		}
	}
	if st.Demo {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(st.WebhookPort))
		if st.webhooks, err = sinks.StartWebhook(addr, filepath.Join(st.state, "webhooks")); err != nil {
			return err
		}
		fmt.Fprintf(st.out, "Webhooks may go to %s, the demo's own sink, beside public addresses.\n", addr)
	}
	st.product, err = app.Open(ctx, app.Config{Database: st.Database, Temporal: &st.Temporal, Logger: st.logger, Crash: st.Crash})
	if err != nil {
		return err
	}
	return st.firstRun(ctx)
}

func (st *stack) startPostgres(ctx context.Context) error {
	if st.URL != "" {
		return nil
	}
	var err error
	if st.postgres, err = devstack.StartPostgres(ctx, devstack.PostgresOptions{StateDir: st.state, Progress: st.out}); err != nil {
		return err
	}
	st.URL = st.postgres.DSN(databaseName)
	return createDatabase(ctx, st.postgres.DSN("postgres"), databaseName)
}

func (st *stack) startTemporal(ctx context.Context) error {
	if st.Address != "" {
		return nil
	}
	bin := st.BinDir
	if bin == "" {
		bin = filepath.Join(st.state, "bin")
	}
	path, err := devstack.EnsureTemporal(ctx, bin, st.out)
	if err != nil {
		return err
	}
	st.temporal, err = devstack.StartTemporal(ctx, devstack.TemporalOptions{
		Bin: path, Port: st.TemporalPort, UIPort: st.UIPort, Namespace: st.Namespace,
		PortSetting: "SMARTICKS_UP_TEMPORAL_PORT", UIPortSetting: "SMARTICKS_UP_UI_PORT",
		DBFile: filepath.Join(st.state, "temporal.db"), LogFile: filepath.Join(st.state, "temporal.log"),
		DynamicConfig: map[string]string{
			"system.forceSearchAttributesCacheRefreshOnRead": "true",
			// Four partitions of each queue would share the work of one worker.
			"matching.numTaskqueueReadPartitions": "1", "matching.numTaskqueueWritePartitions": "1",
		},
	})
	if err != nil {
		return err
	}
	st.Address = st.temporal.Address()
	return nil
}

// watch ends everything when a server that we started has ended by itself.
func (st *stack) watch(ctx context.Context) error {
	var postgres, temporal <-chan struct{}
	if st.postgres != nil {
		postgres = st.postgres.Dead()
	}
	if st.temporal != nil {
		temporal = st.temporal.Dead()
	}
	select {
	case <-ctx.Done():
		return nil
	case <-postgres:
		return errors.New("the private Postgres ended: see " + st.postgres.LogFile())
	case <-temporal:
		return errors.New("the Temporal dev server ended: see " + filepath.Join(st.state, "temporal.log"))
	}
}

func (st *stack) sentDir() string { return filepath.Join(st.state, "sent") }

// relay is where mail goes out.
func (st *stack) relay() string {
	if st.RelayURL != "" {
		return st.RelayURL
	}
	return "smtp://" + st.mailSink.Addr()
}

// allow are the webhook targets beside public ones: the demo's sink too.
func (st *stack) allow() string {
	if st.webhooks == nil {
		return st.WebhookAllow
	}
	own := fmt.Sprintf("127.0.0.1/32:%d", st.WebhookPort)
	if st.WebhookAllow == "" {
		return own
	}
	return st.WebhookAllow + "," + own
}

// close stops what was started, in the reverse order.
func (st *stack) close() {
	if st.product != nil {
		st.product.Close()
	}
	if st.webhooks != nil {
		_ = st.webhooks.Close()
	}
	if st.mailSink != nil {
		_ = st.mailSink.Close()
	}
	if st.temporal != nil {
		st.temporal.Stop()
	}
	if st.postgres != nil {
		st.postgres.Stop()
	}
}
