package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"go.temporal.io/api/serviceerror"
	"golang.org/x/sync/errgroup"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/mail/smtpin"
	"github.com/smarticks/smarticks/mail/smtpout"
	"github.com/smarticks/smarticks/simulation"
	"github.com/smarticks/smarticks/starter"
	"github.com/smarticks/smarticks/store"
	"github.com/smarticks/smarticks/webhook"
	"github.com/smarticks/smarticks/worker"
)

// Listen opens a TCP listener. setting names what moves it, for the error.
func Listen(ctx context.Context, addr, setting string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, errs.Wrap("app.Listen", errs.Unavailable, "cannot listen on "+addr+": set "+setting+" to another address", err)
	}
	return l, nil
}

// RunAPI serves the HTTP API on l until ctx is done.
func (p *Product) RunAPI(ctx context.Context, s API, l net.Listener) error {
	metrics := p.Metrics
	if s.Metrics != "" || !isLocal(l.Addr()) {
		metrics = nil // not where everybody can ask
	}
	if s.Metrics == "" {
		return p.runAPI(ctx, s, l, metrics)
	}
	own, err := Listen(ctx, s.Metrics, "SMARTICKS_METRICS_ADDR")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.ServeProbes(ctx, own, p.DatabaseCheck()) })
	group.Go(func() error { defer cancel(); return p.runAPI(ctx, s, l, metrics) })
	return group.Wait()
}

// isLocal reports whether only this machine reaches the address.
func isLocal(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

func (p *Product) runAPI(ctx context.Context, s API, l net.Listener, metrics http.Handler) error {
	ahead := forecaster{p.Store, simulation.New(p.Logger)}
	return api.Run(ctx, api.Config{
		Store: p.Store, Forecaster: ahead, Previewer: ahead, Logger: p.Logger, Ready: []api.Check{p.DatabaseCheck()}, Metrics: metrics,
		Version: Version, Listener: l,
		Limit: api.Limit{PerSecond: s.Rate, Burst: s.Burst}, TrustedProxies: s.TrustedProxies, Live: api.Live{Streams: s.LiveStreams},
	})
}

// RunMail receives mail by SMTP until ctx is done.
func (p *Product) RunMail(ctx context.Context, s Mail, l net.Listener) error {
	return smtpin.Run(ctx, smtpin.Config{
		Listener: l, Inbox: p.Store, AuthservIDs: p.Store.AuthservIDs, Domain: s.Domain, Logger: p.Logger, Postmaster: s.Postmaster,
		FirstMailbox:   p.Store.FirstMailbox,
		MaxConnections: s.Connections, MaxConnectionsPerAddress: s.PerAddress, MaxRefusedRecipients: s.Refused,
		MaxCommands: s.Commands, MaxCommandBytes: s.CommandBytes, SessionLife: s.SessionLife,
		MaxBytesInFlight: s.MemoryMB << 20, ParseConcurrency: s.ParseConcurrency,
	})
}

// RunStarter prepares Temporal and wakes what is in the outbox until ctx is
// done. Temporal need not answer yet.
func (p *Product) RunStarter(ctx context.Context) error {
	prepare := func(ctx context.Context) error { return starter.Prepare(ctx, p.Client, p.namespace, p.Logger) }
	if err := p.whenReachable(ctx, func() error { return prepare(ctx) }); err != nil {
		return err
	}
	return starter.Run(ctx, starter.Config{
		Client: p.Client, Outbox: outbox{p.Store}, Logger: p.Logger, Prepare: prepare, Status: &p.starter,
	})
}

// RunWorker does Temporal's work until ctx is done. Temporal need not answer
// yet, and the namespace may come later, or be lost and come back: a starter makes it.
func (p *Product) RunWorker(ctx context.Context, s Worker, slots int) error {
	acts, err := p.Activities(s)
	if err != nil {
		return err
	}
	if err := p.whenReachable(ctx, func() error { return p.TemporalCheck().Do(ctx) }); err != nil {
		return err
	}
	return p.whenReachable(ctx, func() error {
		err := worker.Run(ctx, worker.Config{
			Client: p.Client, Activities: acts, Logger: p.Logger, Slots: worker.Slots{Advance: slots},
			Deployment: worker.Deployment{Name: s.DeploymentName, BuildID: s.BuildID},
		})
		if missing := new(serviceerror.NamespaceNotFound); err == nil || errors.As(err, &missing) {
			return err
		}
		return ended{err}
	})
}

// Activities wires the activities to the store, the mail relay and the network.
func (p *Product) Activities(s Worker) (*activities.Activities, error) {
	mailer, err := smtpout.New(s.RelayURL)
	if err != nil {
		return nil, err
	}
	allow, err := webhook.ParseAllow(s.WebhookAllow)
	if err != nil {
		return nil, err
	}
	if len(allow) > 0 {
		p.Logger.Warn("webhooks may go to addresses that are not public", "allow", s.WebhookAllow)
	}
	poster, err := webhook.New(webhook.Config{Allow: allow})
	if err != nil {
		return nil, err
	}
	return activities.New(activities.Config{
		Open: OpenConversation(p.Store), Deliveries: p.Store, Mailer: mailer, Poster: poster,
		Rollouts: p.Store, Backtests: Backtests{p.Store, p.Logger}, Reconciler: p.Store, Reconciled: p.reconciled,
		Forgetter: p.Store, Forgotten: p.forgotten, Limited: p.limited, Failed: p.failed,
		FirstAttempts: worker.DefaultAttempts, NewID: store.NewID, Logger: p.Logger, Crash: p.crash,
	}), nil
}

// ended is an error that waiting cannot heal.
type ended struct{ error }

func (e ended) Unwrap() error { return e.error }

// failed writes a line for a run that failed: ids alone.
func (p *Product) failed(r runs.Run) {
	p.Logger.Warn("a workflow failed on a conversation", "workflow_id", r.DefinitionID, "version", r.VersionNumber, "run_id", r.ID,
		"conversation_id", r.ConversationID, "mailbox_id", r.MailboxID)
}

// whenReachable repeats do until it succeeds, so that a role waits for a
// Temporal that is not there yet instead of ending. What waiting cannot heal
// ends it.
func (p *Product) whenReachable(ctx context.Context, do func() error) error {
	pause := 200 * time.Millisecond
	for {
		err := do()
		if k := errs.KindOf(err); err == nil || k == errs.Invalid || k == errs.Conflict || k == errs.Forbidden {
			return err
		}
		if last := (ended{}); errors.As(err, &last) {
			return last.error
		}
		p.Logger.WarnContext(ctx, "temporal cannot be reached yet", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(pause*2, 10*time.Second)
	}
}
