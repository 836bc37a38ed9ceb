// Package demo runs the product's main job before the user's eyes: it sets up
// two mailboxes with their workflows, sends the example mails by SMTP, waits for
// what the workflows do, and prints a forecast, then each conversation's timeline with the
// reasons. It knows the product only from outside: by its API and by SMTP.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/smarticks/smarticks/client"
)

// Config says where the product is and how fast time goes.
type Config struct {
	API, Token string
	SMTP       string // address where mail comes in
	WebhookURL string // where the demo's webhooks go
	SentDir    string // where the sink writes the mail that goes out; for the hints printed
	// Scale divides the durations of the example workflows.
	Scale float64
	// Seed makes the example mails' Message-IDs: the same seed, the same mails,
	// which a second run then finds stored.
	Seed string
	Out  io.Writer
	// Patience is how long to wait for the effects. Zero means two minutes.
	Patience time.Duration
}

// Run loads the demo, plays it and prints it. It is safe to repeat: what is
// there is found again and nothing is added.
//
// The error lists the effects that did not come in time.
func Run(ctx context.Context, cfg Config) error {
	if cfg.Patience == 0 {
		cfg.Patience = 2 * time.Minute
	}
	api, err := client.New(client.Options{URL: cfg.API, Token: cfg.Token})
	if err != nil {
		return err
	}
	d := &demo{Config: cfg, api: api}
	if err := d.load(ctx); err != nil {
		return err
	}
	stories, err := d.play(ctx)
	if err != nil {
		return err
	}
	foretold := make([][]coming, len(stories))
	for i, s := range stories {
		if foretold[i], err = d.foretell(ctx, s); err != nil {
			return err
		}
	}
	var missed []error
	deadline := time.Now().Add(cfg.Patience)
	for i := range stories {
		missing, err := d.await(ctx, &stories[i], deadline)
		if err != nil {
			return err
		}
		if err := d.print(ctx, stories[i]); err != nil {
			return err
		}
		if err := d.cameTrue(ctx, stories[i], foretold[i]); err != nil {
			return err
		}
		for _, m := range missing {
			missed = append(missed, fmt.Errorf("%s: %s", stories[i].title, m))
		}
	}
	return errors.Join(missed...)
}

// demo is one run.
type demo struct {
	Config
	api       *client.Client
	mailboxes map[string]string // address to id
	agent     string            // id of the agent who answers
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.Out, format+"\n", args...) }
