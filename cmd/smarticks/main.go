// Command smarticks is the whole product in one binary: its roles, the embedded
// default that starts everything (up), and the tools of its operators.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // mailboxes have time zones, and a small image has no zone files

	"github.com/alecthomas/kong"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/cmd/smarticks/remote"
	"github.com/smarticks/smarticks/cmd/smarticks/up"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/files"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// commands are the subcommands.
type commands struct {
	Up      upCommand      `cmd:"" help:"Start everything on this machine: Postgres, Temporal, all roles, and a demo."`
	API     apiCommand     `cmd:"" name:"api" help:"Serve the HTTP API."`
	Mail    mailCommand    `cmd:"" help:"Receive mail by SMTP."`
	Starter starterCommand `cmd:"" help:"Start and wake Temporal workflows for what is in the outbox."`
	Worker  workerCommand  `cmd:"" help:"Do Temporal's work: decide, act, deliver."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to this build's schema."`
	User    userCommand    `cmd:"" help:"Set a user's password."`
	Token   tokenCommand   `cmd:"" help:"Make, list and revoke tokens for the API."`

	Workflows remote.Workflows `cmd:"" help:"A server's workflows, and the files that they are kept in."`
	Runs      remote.Runs      `cmd:"" help:"List runs of workflows on a server, with their reasons."`
	Explain   remote.Explain   `cmd:"" help:"Ask a server why a workflow ran on a conversation, or why not."`

	OpenAPI openAPICommand `cmd:"" name:"openapi" help:"Print the OpenAPI document of the API."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// run parses args, runs the command and returns the exit code: 0, or 1 when it
// failed or the arguments are wrong. A plan that has changes is 2.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit := -1
	var c commands
	parser, err := kong.New(&c, kong.Name("smarticks"), kong.Description("Workflow automation for a helpdesk."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }), kong.UsageOnError(),
		kong.Vars{"first_admin": app.FirstAdminEmail}, kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(stdout, (*io.Writer)(nil)),
		kong.Bind(&console{stdout, stderr}))
	if err != nil {
		fmt.Fprintln(stderr, "smarticks:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // help was asked for
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "smarticks:", err)
		return 1
	}
	if err := parsed.Run(); errors.Is(err, remote.ErrChanges) {
		return 2
	} else if err != nil {
		fmt.Fprintln(stderr, "smarticks:", sentence(err))
		return 1
	}
	return 0
}

// console is where a command prints.
type console struct{ out, err io.Writer }

// sentence is what a person at the terminal sees of an error: its message, and
// the cause where it tells them more.
func sentence(err error) string {
	var refused *client.Problem
	if errors.As(err, &refused) {
		return refused.Error()
	}
	var wrong files.Problems
	if errors.As(err, &wrong) {
		if len(wrong) == 1 {
			return "1 problem:\n" + wrong.Error()
		}
		return fmt.Sprintf("%d problems:\n%s", len(wrong), wrong.Error())
	}
	var e *errs.Error
	if errors.As(err, &e) && e.Message != "" && !errors.Is(err, up.ErrDemo) {
		if e.Cause != nil {
			return e.Message + " (" + e.Cause.Error() + ")"
		}
		return e.Message
	}
	return err.Error()
}
