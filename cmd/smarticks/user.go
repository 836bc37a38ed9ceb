package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/smarticks/smarticks/cmd/smarticks/app"
	"github.com/smarticks/smarticks/errs"
)

type userCommand struct {
	Password userPasswordCommand `cmd:"" help:"Set a user's password in the database; it is typed in, or is the first line of the standard input. His sessions end."`
}

type userPasswordCommand struct {
	app.Database `embed:""`
	Email        string `arg:"" help:"The user's address."`
}

// Run sets the password.
func (r *userPasswordCommand) Run(ctx context.Context, c *console) error {
	p, err := app.Open(ctx, app.Config{Database: r.Database, Logger: slog.New(slog.NewJSONHandler(c.err, nil))})
	if err != nil {
		return err
	}
	defer p.Close()
	password, err := readPassword(ctx, os.Stdin, c.err)
	if err != nil {
		return err
	}
	if err := p.SetPassword(ctx, r.Email, password); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, "The password is set.")
	return err
}

// readPassword asks for a password twice, without showing it; where nobody is
// there to be asked it reads a line.
func readPassword(ctx context.Context, in *os.File, prompt io.Writer) (string, error) {
	if !term.IsTerminal(int(in.Fd())) { //nolint:gosec // a file descriptor is an int
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	first, err := readHidden(ctx, in, prompt, "New password: ")
	if err != nil {
		return "", err
	}
	again, err := readHidden(ctx, in, prompt, "Once more: ")
	if err == nil && first != again {
		err = errs.New("smarticks.readPassword", errs.Invalid, "the two differ: nothing was changed")
	}
	return first, err
}

// readHidden reads a line from the terminal. An interrupt, which does not end the
// reading, leaves the terminal as it was.
func readHidden(ctx context.Context, in *os.File, prompt io.Writer, text string) (string, error) {
	fd := int(in.Fd()) //nolint:gosec // a file descriptor is an int
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(prompt, text)
	defer fmt.Fprintln(prompt)
	var line []byte
	read := make(chan error, 1)
	go func() {
		typed, err := term.ReadPassword(fd)
		line = typed
		read <- err
	}()
	select {
	case err := <-read:
		return string(line), err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(fd, before))
	}
}
