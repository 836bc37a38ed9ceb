// Package up is the embedded default: a private Postgres, the Temporal dev
// server, every role of ours in one process, sinks for what leaves the house,
// and a demo before the user's eyes.
package up

import (
	"io"
	"log/slog"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
)

// Settings are those of `smarticks up`.
type Settings struct {
	app.Database `embed:""`
	app.Temporal `embed:""`
	app.API      `embed:""`
	app.Mail     `embed:""`

	RelayURL     string `name:"smtp-relay-url" env:"SMARTICKS_SMTP_RELAY_URL" help:"Relay for outgoing mail (default: a sink that writes files)."`
	WebhookAllow string `name:"webhook-allow" env:"SMARTICKS_WEBHOOK_ALLOW" help:"Webhook targets allowed beside public ones, as prefix:port pairs; the demo adds its own."`

	StateDir     string  `name:"state-dir" env:"SMARTICKS_STATE_DIR" default:".smarticks" help:"Where everything is kept."`
	BinDir       string  `name:"bin-dir" env:"SMARTICKS_BIN_DIR" help:"Where the Temporal dev server is built (default: bin in the state directory)."`
	SinkPort     int     `name:"sink-port" env:"SMARTICKS_UP_SINK_PORT" default:"2526" help:"Port of the sink for outgoing mail."`
	WebhookPort  int     `name:"webhook-port" env:"SMARTICKS_UP_WEBHOOK_PORT" default:"2580" help:"Port of the demo's sink for webhooks."`
	TemporalPort int     `name:"temporal-port" env:"SMARTICKS_UP_TEMPORAL_PORT" default:"7233" help:"Port of Temporal."`
	UIPort       int     `name:"ui-port" env:"SMARTICKS_UP_UI_PORT" default:"8233" help:"Port of Temporal's UI."`
	Demo         bool    `name:"demo" default:"true" negatable:"" help:"Load the demo and run it."`
	Once         bool    `name:"once" help:"End after the demo: 0 when every effect was seen, 1 when one was missed."`
	TimeScale    float64 `name:"time-scale" default:"14400" help:"How many times faster the demo's workflows count time: 14400 makes 24h 6s."`
	LogLevel     string  `name:"log-level" env:"SMARTICKS_LOG_LEVEL" default:"info" help:"debug, info, warn or error; the log is a file in the state directory."`

	// Crash is called at named points; nil in production.
	Crash func(string) `kong:"-"`
}

// logger writes to w as JSON.
func (s Settings) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		return nil, err
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})), nil
}
