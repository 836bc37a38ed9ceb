package worker

import (
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Config says what to run and how much of it at once.
type Config struct {
	// Client is closed by whoever dialled it.
	Client     client.Client
	Activities Activities
	// Logger is for this package; the SDK logs by the client's. Nil means
	// slog.Default.
	Logger *slog.Logger
	Slots  Slots
	// StopTimeout is how long activities may go on after ctx is done before they
	// are cancelled. Zero means 30 s.
	StopTimeout time.Duration
	// Deployment makes this a versioned worker: it gets nothing to do until its
	// build is made the current one of the deployment. Zero means not versioned.
	Deployment Deployment
}

// Slots bounds what one process does at once. Zero fields mean the default.
type Slots struct {
	Workflows int // workflow tasks; 200
	Advance   int // calls of Advance: the size of the database pool; 16
	Attempts  int // first attempts, of mails and of webhooks each; 32
	Mail      int // attempts of mails; 20
	Webhooks  int // attempts of webhooks; 100
	Bulk      int // looks at many conversations; 4
}

// DefaultAttempts is how many first attempts of mails, and how many of webhooks, one
// process makes at once beside its workflow tasks.
const DefaultAttempts = 32

// Deployment names this worker's build for Worker Versioning. Both fields are
// set, or none.
type Deployment struct {
	Name    string
	BuildID string
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = 30 * time.Second
	}
	c.Slots.Workflows = or(c.Slots.Workflows, 200)
	c.Slots.Advance = or(c.Slots.Advance, 16)
	c.Slots.Attempts = or(c.Slots.Attempts, DefaultAttempts)
	c.Slots.Mail = or(c.Slots.Mail, 20)
	c.Slots.Webhooks = or(c.Slots.Webhooks, 100)
	c.Slots.Bulk = or(c.Slots.Bulk, 4)
	return c
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// options are those that the workers of all queues share.
func (c Config) options() sdkworker.Options {
	o := sdkworker.Options{WorkerStopTimeout: c.StopTimeout, DisableRegistrationAliasing: true}
	if c.Deployment.Name != "" {
		o.DeploymentOptions = sdkworker.DeploymentOptions{
			UseVersioning:             true,
			Version:                   sdkworker.WorkerDeploymentVersion{DeploymentName: c.Deployment.Name, BuildID: c.Deployment.BuildID},
			DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
		}
	}
	return o
}
