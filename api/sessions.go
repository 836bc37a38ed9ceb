package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// csrfHeader carries a session's csrf_token.
const csrfHeader = "X-CSRF-Token"

// sessionStore keeps who logged in.
type sessionStore interface {
	// SessionUser returns the user of a session that has not ended; idle says that this
	// is no use of it. Errors: errs.NotFound.
	SessionUser(ctx context.Context, secret string, idle bool) (access.Caller, error)
	// Login makes a session and returns it with its secret. Errors: errs.Forbidden (wrong).
	Login(ctx context.Context, who access.Caller, try access.Attempt) (access.Session, string, error)
	CurrentSession(ctx context.Context, who access.Caller) (access.Session, error)
	Logout(ctx context.Context, who access.Caller) error
	EndSessions(ctx context.Context, who access.Caller, id conversation.UserID) error
	SetPassword(ctx context.Context, who access.Caller, id conversation.UserID, ch access.PasswordChange) error
}

// Session is a session as its browser sees it.
type Session struct {
	ID        string    `json:"id"`
	User      User      `json:"user"`
	CSRFToken string    `json:"csrf_token" doc:"To be sent as X-CSRF-Token with everything but GET."`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at" doc:"When it ends however much it is used. Eight hours without use end it too."`
}

func showSession(s access.Session, secret string) Session {
	return Session{s.ID, showUser(s.User), access.CSRFToken(secret), s.CreatedAt, s.ExpiresAt}
}

// withCookie is an answer that sets the session's cookie.
type withCookie[B any] struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      B
}

type sessions struct{ store sessionStore }

type newSession struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"800"`
	}
}

// login answers alike, in text and in time, for what is wrong.
func (h sessions) login(ctx context.Context, in *newSession) (*withCookie[Session], error) {
	v := visitFrom(ctx)
	made, secret, err := h.store.Login(ctx, access.Caller{RequestID: v.requestID, Address: v.address}, access.Attempt{Email: in.Body.Email, Password: in.Body.Password})
	if err != nil && errs.KindOf(err) == errs.Forbidden {
		return nil, problemFor(http.StatusUnauthorized, errs.Message(err))
	}
	if err != nil {
		return nil, err
	}
	return &withCookie[Session]{v.cookie(secret, int(access.SessionLife.Seconds())), showSession(made, secret)}, nil
}

func (h sessions) current(ctx context.Context, who access.Caller, _ *struct{}) (Session, error) {
	s, err := h.store.CurrentSession(ctx, who)
	return showSession(s, visitFrom(ctx).session), err
}

func (h sessions) logout(ctx context.Context, who access.Caller) (*withoutBody, error) {
	if err := h.store.Logout(ctx, who); err != nil {
		return nil, err
	}
	return &withoutBody{visitFrom(ctx).cookie("", -1)}, nil
}

// withoutBody is the answer of a logout.
type withoutBody struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (h sessions) endAll(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.EndSessions(ctx, who, conversation.UserID(in.ID))
}

type newPassword struct {
	ByID
	Body struct {
		Password        string `json:"password" maxLength:"800" doc:"12 to 200 characters."`
		CurrentPassword string `json:"current_password,omitempty" maxLength:"800" doc:"Of whoever changes his own."`
	}
}

func (h sessions) setPassword(ctx context.Context, who access.Caller, in *newPassword) error {
	return h.store.SetPassword(ctx, who, conversation.UserID(in.ID), access.PasswordChange{New: in.Body.Password, Current: in.Body.CurrentPassword})
}

// loginRoute and logoutRoute set cookies, and so are of another shape than all
// others.
func (h sessions) loginRoute(path, summary string) route {
	r := route{method: http.MethodPost, path: path, verb: open, status: http.StatusCreated}
	r.register = func(r route, doc huma.API, _ *gin.Engine) {
		op := r.operation(summary)
		op.Security = nil
		huma.Register(doc, op, func(ctx context.Context, in *newSession) (*withCookie[Session], error) {
			out, err := h.login(ctx, in)
			if err != nil {
				return nil, refuse(ctx, err)
			}
			return out, nil
		})
	}
	return r
}

func (h sessions) logoutRoute(path string, verb access.Verb, summary string) route {
	r := route{method: http.MethodDelete, path: path, verb: verb, status: http.StatusNoContent}
	r.register = func(r route, doc huma.API, _ *gin.Engine) {
		huma.Register(doc, r.operation(summary), func(ctx context.Context, _ *struct{}) (*withoutBody, error) {
			out, err := h.logout(ctx, callerFrom(ctx))
			if err != nil {
				return nil, refuse(ctx, err)
			}
			return out, nil
		})
	}
	return r
}
