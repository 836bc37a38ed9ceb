package main

import (
	"context"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/cmd/smarticks/app"
)

// logging is the flag that all roles have.
type logging struct {
	Level slog.Level `name:"log-level" env:"SMARTICKS_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
}

func (l logging) logger(c *console) *slog.Logger {
	return slog.New(slog.NewJSONHandler(c.err, &slog.HandlerOptions{Level: l.Level}))
}

type apiCommand struct {
	app.Database `embed:""`
	app.API      `embed:""`
	logging      `embed:""`
}

// Run serves the API until it is interrupted.
func (r *apiCommand) Run(ctx context.Context, c *console) error {
	p, err := app.Open(ctx, app.Config{Database: r.Database, Logger: r.logger(c)})
	if err != nil {
		return err
	}
	defer p.Close()
	l, err := app.Listen(ctx, r.Addr, "SMARTICKS_HTTP_ADDR")
	if err != nil {
		return err
	}
	return p.RunAPI(ctx, r.API, l)
}

type mailCommand struct {
	app.Database `embed:""`
	app.Mail     `embed:""`
	logging      `embed:""`
	Probes       string `name:"probe-addr" env:"SMARTICKS_PROBE_ADDR" default:"127.0.0.1:8081" help:"Address of probes and metrics."`
}

// Run receives mail until it is interrupted.
func (r *mailCommand) Run(ctx context.Context, c *console) error {
	p, err := app.Open(ctx, app.Config{Database: r.Database, Logger: r.logger(c)})
	if err != nil {
		return err
	}
	defer p.Close()
	l, err := app.Listen(ctx, r.Addr, "SMARTICKS_SMTP_ADDR")
	if err != nil {
		return err
	}
	return withProbes(ctx, p, r.Probes, []api.Check{p.DatabaseCheck()}, func(ctx context.Context) error { return p.RunMail(ctx, r.Mail, l) })
}

type starterCommand struct {
	app.Database `embed:""`
	app.Temporal `embed:""`
	logging      `embed:""`
	Probes       string `name:"probe-addr" env:"SMARTICKS_PROBE_ADDR" default:"127.0.0.1:8082" help:"Address of probes and metrics."`
}

// Run wakes until it is interrupted.
func (r *starterCommand) Run(ctx context.Context, c *console) error {
	p, err := app.Open(ctx, app.Config{Database: r.Database, Temporal: &r.Temporal, Logger: r.logger(c)})
	if err != nil {
		return err
	}
	defer p.Close()
	return withProbes(ctx, p, r.Probes, []api.Check{p.DatabaseCheck(), p.TemporalCheck(), p.StarterCheck()}, p.RunStarter)
}

type workerCommand struct {
	app.Database `embed:""`
	app.Temporal `embed:""`
	app.Worker   `embed:""`
	logging      `embed:""`
	Probes       string `name:"probe-addr" env:"SMARTICKS_PROBE_ADDR" default:"127.0.0.1:8083" help:"Address of probes and metrics."`
}

// Run works until it is interrupted.
func (r *workerCommand) Run(ctx context.Context, c *console) error {
	p, err := app.Open(ctx, app.Config{Database: r.Database, Temporal: &r.Temporal, Logger: r.logger(c), Crash: crashPoint()})
	if err != nil {
		return err
	}
	defer p.Close()
	return withProbes(ctx, p, r.Probes, []api.Check{p.DatabaseCheck(), p.TemporalCheck()}, func(ctx context.Context) error {
		return p.RunWorker(ctx, r.Worker, int(r.Conns))
	})
}

// withProbes runs the role beside its probes; when one ends, so does the other.
func withProbes(ctx context.Context, p *app.Product, addr string, checks []api.Check, role func(context.Context) error) error {
	l, err := app.Listen(ctx, addr, "SMARTICKS_PROBE_ADDR")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.ServeProbes(ctx, l, checks...) })
	group.Go(func() error { defer cancel(); return role(ctx) })
	return group.Wait()
}
