package app

import (
	"context"
	"strings"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// The first admin, whom an installation needs before anybody can use its API.
const (
	FirstAdminName  = "Admin"
	FirstAdminEmail = "admin@smarticks.test"
)

// CreateAdminToken makes a token for the user with the address, who is made an
// admin named name if there is no such user. The token is shown this once and
// kept nowhere.
func (p *Product) CreateAdminToken(ctx context.Context, name, email, label string) (string, error) {
	id, err := p.userByEmail(ctx, email)
	if err != nil {
		return "", err
	}
	if id == "" {
		user, err := p.Store.CreateUser(ctx, access.System(), conversation.User{
			Name: name, Email: email, Role: conversation.RoleAdmin, Available: true,
		})
		if err != nil {
			return "", err
		}
		id = user.ID
	}
	_, secret, err := p.Store.CreateToken(ctx, access.System(), access.Token{UserID: id, Name: label})
	return secret, err
}

func (p *Product) userByEmail(ctx context.Context, email string) (conversation.UserID, error) {
	users, err := p.Store.Users(ctx)
	if err != nil {
		return "", err
	}
	for _, u := range users {
		if strings.EqualFold(u.Email, email) {
			return u.ID, nil
		}
	}
	return "", nil
}

// DefaultBaseURL makes url what links to conversations begin with, unless the
// installation has a setting.
func (p *Product) DefaultBaseURL(ctx context.Context, url string) error {
	set, err := p.Store.Settings(ctx)
	if err != nil || set.BaseURL != "" {
		return err
	}
	_, err = p.Store.ChangeSettings(ctx, access.System(), conversation.SettingsChange{BaseURL: &url})
	return err
}

// SetPassword gives the user with the address a new password, and ends their
// sessions.
//
// Errors: errs.NotFound (no such user), errs.Invalid (too short, too long).
func (p *Product) SetPassword(ctx context.Context, email, password string) error {
	const op = "app.SetPassword"
	if wrong := access.CheckPassword(password); wrong != "" {
		return errs.New(op, errs.Invalid, wrong)
	}
	id, err := p.userByEmail(ctx, email)
	if err != nil {
		return err
	}
	if id == "" {
		return errs.New(op, errs.NotFound, "there is no user with the address "+email+
			": `smarticks token create --email` makes an admin, POST /v1/users anybody")
	}
	return p.Store.SetPassword(ctx, access.System(), id, access.PasswordChange{New: password})
}
