package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/cmd/smarticks/remote"
	"github.com/smarticks/smarticks/cmd/smarticks/up"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/migrations"
)

type migrateCommand struct {
	app.Database `embed:""`
}

// Run migrates the database. It is safe to repeat.
func (r *migrateCommand) Run(ctx context.Context, c *console) error {
	if r.URL == "" {
		return errs.New("migrate", errs.Invalid, "DATABASE_URL is not set: name the Postgres database to migrate")
	}
	if err := migrations.Up(ctx, r.URL); err != nil {
		return err
	}
	audit, err := app.AuditLine(ctx, r.Database)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "The database has this build's schema.\n%s\n", audit)
	return err
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(c *console) error {
	_, err := fmt.Fprintln(c.out, "smarticks", app.Version)
	return err
}

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make an admin's token in the database and print it, this once."`
	Issue  remote.TokenIssue  `cmd:"" help:"Make a token by a server's API and print it, this once."`
	List   remote.TokenList   `cmd:"" help:"List a server's tokens, without the tokens themselves."`
	Revoke remote.TokenRevoke `cmd:"" help:"End a token of a server at once."`
}

type tokenCreateCommand struct {
	app.Database `embed:""`
	Email        string `default:"${first_admin}" help:"The user's address; an admin with it is made if there is none."`
	User         string `name:"user-name" default:"Admin" help:"Name of the user, if one is made."`
	Label        string `default:"command line" help:"What the token is for."`
}

// Run makes the token.
func (r *tokenCreateCommand) Run(ctx context.Context, c *console) error {
	p, err := app.Open(ctx, app.Config{Database: r.Database, Logger: slog.New(slog.NewJSONHandler(c.err, nil))})
	if err != nil {
		return err
	}
	defer p.Close()
	secret, err := p.CreateAdminToken(ctx, r.User, r.Email, r.Label)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, secret)
	return err
}

type upCommand struct {
	up.Settings `embed:""`
}

// Run starts everything and serves until it is interrupted.
func (r *upCommand) Run(ctx context.Context, c *console) error {
	r.Crash = crashPoint()
	return up.Run(ctx, r.Settings, c.out)
}
