package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// tokenAdminStore makes and revokes tokens.
type tokenAdminStore interface {
	// Tokens lists all in the order of their ids.
	Tokens(ctx context.Context) ([]access.Token, error)
	// CreateToken returns the token and its secret, which is kept nowhere.
	CreateToken(ctx context.Context, who access.Caller, ask access.Token) (access.Token, string, error)
	// RotateToken makes the token's successor; the old one is valid for overlap more.
	RotateToken(ctx context.Context, who access.Caller, id string, overlap time.Duration) (access.Token, string, error)
	RevokeToken(ctx context.Context, who access.Caller, id string) error
}

// Token is a token as callers see it.
type Token struct {
	ID         string              `json:"id"`
	UserID     conversation.UserID `json:"user_id"`
	Name       string              `json:"name"`
	Prefix     string              `json:"prefix" doc:"The first characters of the token."`
	Token      string              `json:"token,omitempty" doc:"The token itself, in the answer that made it and never again."`
	Scopes     []access.Scope      `json:"scopes" doc:"What it is good for."`
	CreatedAt  time.Time           `json:"created_at"`
	ExpiresAt  *time.Time          `json:"expires_at" doc:"Null: never."`
	RevokedAt  *time.Time          `json:"revoked_at" doc:"Null: not revoked."`
	LastUsedAt *time.Time          `json:"last_used_at" doc:"Right to the minute. Null: never used."`
}

func showToken(t access.Token) Token {
	return Token{
		ID: t.ID, UserID: t.UserID, Name: t.Name, Prefix: t.Prefix, Scopes: t.Scopes, CreatedAt: t.CreatedAt,
		ExpiresAt: orNull(t.ExpiresAt), RevokedAt: orNull(t.RevokedAt), LastUsedAt: orNull(t.LastUsedAt),
	}
}

// orNull shows the zero time as null.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type tokens struct{ store tokenAdminStore }

func (h tokens) list(ctx context.Context, _ access.Caller, in *PageInput) (page[Token], error) {
	all, err := h.store.Tokens(ctx)
	if err != nil {
		return page[Token]{}, err
	}
	return renderPart(*in, all, func(t access.Token) string { return t.ID }, showToken)
}

type newToken struct {
	Body struct {
		UserID    conversation.UserID `json:"user_id" doc:"Whose token it is."`
		Name      string              `json:"name" minLength:"1" maxLength:"100" doc:"What it is for."`
		ExpiresAt time.Time           `json:"expires_at,omitempty" doc:"Never when missing."`
		Scopes    []access.Scope      `json:"scopes,omitempty" minItems:"1" maxItems:"3" enum:"read,write,manage" doc:"What it is good for: those of your own token when missing."`
	}
}

func (h tokens) create(ctx context.Context, who access.Caller, in *newToken) (Token, error) {
	t, secret, err := h.store.CreateToken(ctx, who, access.Token{
		UserID: in.Body.UserID, Name: in.Body.Name, ExpiresAt: in.Body.ExpiresAt, Scopes: in.Body.Scopes,
	})
	out := showToken(t)
	out.Token = secret
	return out, err
}

// defaultOverlap is how long a rotated token is valid unless the request says so.
const defaultOverlap = 24 * time.Hour

type rotateToken struct {
	ByID
	Body *struct {
		OverlapSeconds *int `json:"overlap_seconds,omitempty" minimum:"0" maximum:"2592000" doc:"How long the old token is still valid: a day when missing, 0 ends it at once."`
	}
}

func (h tokens) rotate(ctx context.Context, who access.Caller, in *rotateToken) (Token, error) {
	overlap := defaultOverlap
	if in.Body != nil && in.Body.OverlapSeconds != nil {
		overlap = time.Duration(*in.Body.OverlapSeconds) * time.Second
	}
	t, secret, err := h.store.RotateToken(ctx, who, in.ID, overlap)
	out := showToken(t)
	out.Token = secret
	return out, err
}

func (h tokens) revoke(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.RevokeToken(ctx, who, in.ID)
}
