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
	CreateToken(ctx context.Context, who access.Caller, user conversation.UserID, name string, expires time.Time) (access.Token, string, error)
	RevokeToken(ctx context.Context, who access.Caller, id string) error
}

// Token is a token as callers see it.
type Token struct {
	ID        string              `json:"id"`
	UserID    conversation.UserID `json:"user_id"`
	Name      string              `json:"name"`
	Prefix    string              `json:"prefix" doc:"The first characters of the token."`
	Token     string              `json:"token,omitempty" doc:"The token itself, in the answer that made it and never again."`
	CreatedAt time.Time           `json:"created_at"`
	ExpiresAt *time.Time          `json:"expires_at" doc:"Null: never."`
	RevokedAt *time.Time          `json:"revoked_at" doc:"Null: not revoked."`
}

func showToken(t access.Token) Token {
	return Token{
		ID: t.ID, UserID: t.UserID, Name: t.Name, Prefix: t.Prefix, CreatedAt: t.CreatedAt,
		ExpiresAt: orNull(t.ExpiresAt), RevokedAt: orNull(t.RevokedAt),
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
	}
}

func (h tokens) create(ctx context.Context, who access.Caller, in *newToken) (Token, error) {
	t, secret, err := h.store.CreateToken(ctx, who, in.Body.UserID, in.Body.Name, in.Body.ExpiresAt)
	out := showToken(t)
	out.Token = secret
	return out, err
}

func (h tokens) revoke(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.RevokeToken(ctx, who, in.ID)
}
