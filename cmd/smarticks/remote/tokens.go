package remote

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/errs"
)

// TokenList lists tokens.
type TokenList struct {
	Server `embed:""`
}

// Run lists the tokens that are valid.
func (r *TokenList) Run(ctx context.Context, out io.Writer) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	users, err := client.All(c.Users(ctx))
	if err != nil {
		return err
	}
	email := map[string]string{}
	for _, u := range users {
		email[u.ID] = u.Email
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for t, err := range c.Tokens(ctx) {
		if err != nil {
			return err
		}
		if t.RevokedAt == nil {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Prefix+"…", email[t.UserID], strings.Join(t.Scopes, ","), t.Name+until(t.ExpiresAt))
		}
	}
	return table.Flush()
}

func until(t *time.Time) string {
	if t == nil {
		return ""
	}
	return "  (until " + t.UTC().Format(time.DateTime) + " UTC)"
}

// TokenIssue makes a token by the API.
type TokenIssue struct {
	Server `embed:""`
	Email  string   `required:"" help:"The user's address."`
	Label  string   `default:"command line" help:"What the token is for."`
	Scopes []string `help:"What it is good for: read, write, manage (default: what your own token is good for)."`
}

// Run makes the token and prints it, this once.
func (r *TokenIssue) Run(ctx context.Context, out io.Writer) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	for u, err := range c.Users(ctx) {
		if err != nil {
			return err
		}
		if !strings.EqualFold(u.Email, r.Email) {
			continue
		}
		t, err := c.CreateToken(ctx, client.NewToken{UserID: u.ID, Name: r.Label, Scopes: r.Scopes})
		if err != nil {
			return err
		}
		fmt.Fprintln(out, t.Token)
		return nil
	}
	return errs.New("remote.TokenIssue", errs.NotFound, fmt.Sprintf("there is no user with the address %q", r.Email))
}

// TokenRevoke ends a token.
type TokenRevoke struct {
	Server `embed:""`
	ID     string `arg:"" help:"Its id, as token list prints it."`
}

// Run ends the token at once.
func (r *TokenRevoke) Run(ctx context.Context, out io.Writer) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	if err := c.RevokeToken(ctx, r.ID); err != nil {
		return err
	}
	fmt.Fprintln(out, "It is good for nothing any more.")
	return nil
}
