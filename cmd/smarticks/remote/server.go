// Package remote is the commands that call a server by its API: workflows, runs,
// explain and token. They print what package client brings, and decide nothing.
package remote

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/errs"
)

// Names of what `up` leaves in its state directory.
const (
	AddressFile = "api-url"
	TokenFile   = "admin-token"
)

// Server says which server a command calls, and by which token.
type Server struct {
	URL   string `name:"url" env:"SMARTICKS_URL" help:"The server's address, as http://host:port (default: what up left in the state directory)."`
	Token string `name:"token" env:"SMARTICKS_TOKEN" help:"A token for its API (default: what up left in the state directory). Better in the environment: others see arguments."`
	State string `name:"state-dir" env:"SMARTICKS_STATE_DIR" default:".smarticks" help:"The state directory of up."`
}

// Client returns what calls the server. The token in the state directory goes only
// to the server that `up` started: nobody else is to learn it.
//
// Errors: errs.Invalid (there is no address, or no token for it).
func (s Server) Client() (*client.Client, error) {
	const op = "remote.Client"
	ours, err := s.kept(AddressFile)
	if err != nil {
		return nil, err
	}
	address, token := s.URL, s.Token
	if address == "" {
		address = ours
	}
	if address == "" {
		return nil, errs.New(op, errs.Invalid,
			"which server? Set SMARTICKS_URL and SMARTICKS_TOKEN, or run this where `smarticks up` keeps its state ("+s.State+" has none)")
	}
	if token == "" && strings.TrimSuffix(address, "/") == ours {
		if token, err = s.kept(TokenFile); err != nil {
			return nil, err
		}
	}
	if token == "" {
		return nil, errs.New(op, errs.Invalid, "there is no token for "+address+": set SMARTICKS_TOKEN")
	}
	return client.New(client.Options{URL: address, Token: token})
}

// Known reports whether a server is named, or one of `up` left its address.
func (s Server) Known() bool {
	ours, err := s.kept(AddressFile)
	return s.URL != "" || err == nil && ours != ""
}

// kept reads a file of the state directory, empty when there is none.
func (s Server) kept(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(s.State, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", errs.Wrap("remote.kept", errs.Invalid,
			"the state directory cannot be read: set SMARTICKS_URL and SMARTICKS_TOKEN instead", err)
	}
	return strings.TrimSpace(string(text)), nil
}
