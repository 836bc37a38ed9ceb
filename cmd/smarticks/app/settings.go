// Package app wires the product: it opens what the settings name and runs the
// roles (api, mail, starter, worker) on it. The commands and the end-to-end
// tests use the same wiring.
package app

import "time"

// Database says where Postgres is.
type Database struct {
	URL   string `name:"database-url" env:"DATABASE_URL" help:"Postgres, as postgres://user:password@host:port/database."`
	Conns int32  `name:"database-conns" env:"SMARTICKS_DATABASE_CONNS" default:"16" help:"Connections that one process may open."`
}

// Temporal says where Temporal is. What is empty comes from the SDK's own
// environment and configuration file (TEMPORAL_TLS_…, TEMPORAL_API_KEY,
// TEMPORAL_PROFILE and so on).
type Temporal struct {
	Address   string `name:"temporal-address" env:"TEMPORAL_ADDRESS" help:"Temporal's gRPC address (default 127.0.0.1:7233)."`
	Namespace string `name:"temporal-namespace" env:"TEMPORAL_NAMESPACE" help:"Temporal's namespace (default \"default\")."`
}

// API says where the HTTP API listens, and what it believes and allows.
type API struct {
	Addr    string `name:"http-addr" env:"SMARTICKS_HTTP_ADDR" default:"127.0.0.1:8080" help:"Address of the HTTP API and its probes."`
	Metrics string `name:"metrics-addr" env:"SMARTICKS_METRICS_ADDR" help:"Address of the API's metrics; none: they are served with the API if that listens on this machine only, else nowhere."`

	Rate           float64  `name:"api-rate" env:"SMARTICKS_API_RATE" default:"50" help:"Requests that one token, session or address may make in a second, in the long run; 0: any number."`
	Burst          int      `name:"api-burst" env:"SMARTICKS_API_BURST" default:"200" help:"Requests that it may make at once."`
	TrustedProxies []string `name:"trusted-proxies" env:"SMARTICKS_TRUSTED_PROXIES" help:"Addresses or prefixes of load balancers whose X-Forwarded-For and X-Forwarded-Proto are believed (10.0.0.0/8,192.0.2.7)."`
	LiveStreams    int      `name:"live-streams" env:"SMARTICKS_LIVE_STREAMS" default:"20" help:"Live streams that one token or session may have at once."`
}

// Mail says where mail comes in.
type Mail struct {
	Addr   string `name:"smtp-addr" env:"SMARTICKS_SMTP_ADDR" default:"127.0.0.1:2525" help:"Address where mail comes in by SMTP."`
	Domain string `name:"smtp-domain" env:"SMARTICKS_SMTP_DOMAIN" default:"localhost" help:"Name in the SMTP greeting."`

	Postmaster       string        `name:"smtp-postmaster" env:"SMARTICKS_SMTP_POSTMASTER" help:"Address of the mailbox that gets what is sent to <postmaster> without a domain; none: the mailbox that was made first."`
	Connections      int           `name:"smtp-connections" env:"SMARTICKS_SMTP_CONNECTIONS" default:"200" help:"Connections that are served at once; more of them wait."`
	PerAddress       int           `name:"smtp-connections-per-address" env:"SMARTICKS_SMTP_CONNECTIONS_PER_ADDRESS" default:"50" help:"Of these, from one address (or one /64 of IPv6); one more is refused."`
	Refused          int           `name:"smtp-refused-recipients" env:"SMARTICKS_SMTP_REFUSED_RECIPIENTS" default:"50" help:"Unknown recipients that one connection may name before it is closed."`
	Commands         int           `name:"smtp-commands" env:"SMARTICKS_SMTP_COMMANDS" default:"10000" help:"Commands that one connection may send before it is closed."`
	CommandBytes     int           `name:"smtp-command-bytes" env:"SMARTICKS_SMTP_COMMAND_BYTES" default:"4096" help:"Length of one command."`
	SessionLife      time.Duration `name:"smtp-session-life" env:"SMARTICKS_SMTP_SESSION_LIFE" default:"1h" help:"How old a connection may get; a mail under way is finished."`
	MemoryMB         int64         `name:"smtp-memory-mb" env:"SMARTICKS_SMTP_MEMORY_MB" default:"100" help:"MB that the content of large mails may take at once, and as much again while they are parsed and stored; at least 75. Who finds no room within a minute is told 452."`
	ParseConcurrency int           `name:"smtp-parse-concurrency" env:"SMARTICKS_SMTP_PARSE_CONCURRENCY" help:"Mails that are parsed at once; 0: as many as there are processors."`
}

// Worker says how the worker sends.
type Worker struct {
	RelayURL     string `name:"smtp-relay-url" env:"SMARTICKS_SMTP_RELAY_URL" default:"smtp://127.0.0.1:2526" help:"Relay for outgoing mail: smtp:// or smtps://, with user and password where it wants them."`
	WebhookAllow string `name:"webhook-allow" env:"SMARTICKS_WEBHOOK_ALLOW" help:"Webhook targets allowed beside public ones, as prefix:port pairs (10.1.0.0/16:443,127.0.0.0/8:9000)."`

	DeploymentName string `name:"deployment-name" env:"TEMPORAL_DEPLOYMENT_NAME" help:"Worker Versioning: name of the deployment; none means not versioned."`
	BuildID        string `name:"build-id" env:"TEMPORAL_WORKER_BUILD_ID" help:"Worker Versioning: this build."`
}
