package client

import (
	"context"
	"iter"
	"time"
)

// Mailbox is a mailbox.
type Mailbox struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	TimeZone string `json:"time_zone"`
}

// Mailboxes lists those that the caller sees.
func (c *Client) Mailboxes(ctx context.Context) iter.Seq2[Mailbox, error] {
	return List[Mailbox](ctx, c, "/v1/mailboxes", nil)
}

// User is one of those who work with the product.
type User struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

// Users lists all users.
func (c *Client) Users(ctx context.Context) iter.Seq2[User, error] {
	return List[User](ctx, c, "/v1/users", nil)
}

// Me returns the user of the token.
func (c *Client) Me(ctx context.Context) (User, error) {
	var u User
	err := c.get(ctx, "/v1/me", nil, &u)
	return u, err
}

// Token is what is known of a token.
type Token struct {
	ID     string `json:"id"`
	UserID string `json:"user_id"`
	Name   string `json:"name"`
	Prefix string `json:"prefix"`
	// Token is the token itself, in the answer that made it and never again.
	Token      string     `json:"token"`
	Scopes     []string   `json:"scopes"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at"`   // nil: never
	RevokedAt  *time.Time `json:"revoked_at"`   // nil: not revoked
	LastUsedAt *time.Time `json:"last_used_at"` // nil: never used
}

// NewToken is what to make a token of.
type NewToken struct {
	UserID string `json:"user_id"`
	Name   string `json:"name"`
	// Scopes are those of the caller's token when there are none.
	Scopes    []string   `json:"scopes,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// Tokens lists all tokens, without the tokens themselves.
func (c *Client) Tokens(ctx context.Context) iter.Seq2[Token, error] {
	return List[Token](ctx, c, "/v1/tokens", nil)
}

// CreateToken makes a token; it is shown this once. It is not sent twice: a token
// that got lost on the way is to be revoked, not found again.
func (c *Client) CreateToken(ctx context.Context, t NewToken) (Token, error) {
	var made Token
	err := c.unrepeated(ctx, "/v1/tokens", t, &made)
	return made, err
}

// RevokeToken ends a token at once.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	return c.Do(ctx, "DELETE", "/v1/tokens/"+id, nil, nil)
}
