package app

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/simulation"
	"github.com/smarticks/smarticks/starter"
	"github.com/smarticks/smarticks/store"
	"github.com/smarticks/smarticks/store/migrations"
)

// Version is this build's, set by the release's linker flags.
var Version = "dev"

// Product is what the roles share: a database and a client of Temporal.
type Product struct {
	Store   *store.Store
	Client  client.Client // nil where no role needs it
	Logger  *slog.Logger
	Metrics http.Handler

	namespace  string
	starter    starter.Status
	crash      func(string)
	reconciled func(conversation.ReconcilePass)
	limited    func(conversation.MailLimitKind)
	forgotten  func(conversation.Forgotten)
}

// A connection to Temporal is asked whether it still is there when nothing came for
// temporalKeepAlive, and given up when it owes the answer for temporalSilence. Servers
// close the connections of those who ask more often than each 10 s.
const (
	temporalKeepAlive = 15 * time.Second
	temporalSilence   = 10 * time.Second
)

// Config says what to open.
type Config struct {
	Database Database
	// Temporal is nil for roles that never talk to it (api, mail).
	Temporal *Temporal
	Logger   *slog.Logger
	// Tracer sees every statement, Offset is added to the database's clock, Crash
	// is called at named points, all of them nil in production. All that follows is
	// for tests.
	Tracer pgx.QueryTracer
	Offset func() time.Duration
	Crash  func(string)
	// Silence is how long the database may owe an answer; zero means the store's.
	Silence time.Duration
}

// Open connects to the database, refuses a schema that is not this build's, and
// prepares a client of Temporal, which need not answer yet. The caller closes
// the product.
func Open(ctx context.Context, cfg Config) (*Product, error) {
	if cfg.Database.URL == "" {
		return nil, errs.New("app.Open", errs.Invalid,
			"DATABASE_URL is not set: name a Postgres database, or use `smarticks up`, which starts one")
	}
	if err := migrations.Check(ctx, cfg.Database.URL); err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, store.Config{DSN: cfg.Database.URL, MaxConns: cfg.Database.Conns, Tracer: cfg.Tracer, Offset: cfg.Offset,
		Tests: simulation.Tester(cfg.Logger), Silence: cfg.Silence})
	if err != nil {
		return nil, err
	}
	p := &Product{Store: st, Logger: cfg.Logger, crash: cfg.Crash}
	p.warnAudit(ctx)
	meters, handler, err := newMetrics()
	if err != nil {
		st.Close()
		return nil, err
	}
	p.Metrics = handler
	if p.reconciled, err = meters.reconciler(); err != nil {
		st.Close()
		return nil, err
	}
	if p.forgotten, err = meters.retention(); err != nil {
		st.Close()
		return nil, err
	}
	if p.limited, err = meters.limited(); err != nil {
		st.Close()
		return nil, err
	}
	if cfg.Temporal == nil {
		return p, nil
	}
	opts, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		st.Close()
		return nil, errs.Wrap("app.Open", errs.Invalid, "Temporal's settings in the environment cannot be read", err)
	}
	opts.HostPort = cmp.Or(cfg.Temporal.Address, opts.HostPort, client.DefaultHostPort)
	opts.Namespace = cmp.Or(cfg.Temporal.Namespace, opts.Namespace, client.DefaultNamespace)
	opts.Logger = log.NewStructuredLogger(cfg.Logger)
	opts.MetricsHandler = meters.temporal()
	opts.ConnectionOptions.KeepAliveTime = temporalKeepAlive
	opts.ConnectionOptions.KeepAliveTimeout = temporalSilence
	if p.Client, err = client.NewLazyClient(opts); err != nil {
		st.Close()
		return nil, errs.Wrap("app.Open", errs.Invalid, "Temporal's settings cannot be used", err)
	}
	p.namespace = opts.Namespace
	return p, nil
}

// Close closes what Open opened. Roles must have ended.
func (p *Product) Close() {
	if p.Client != nil {
		p.Client.Close()
	}
	p.Store.Close()
}
