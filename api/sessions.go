package api

import (
	"context"
	"net/http"
	"reflect"
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

type sessions struct{ store sessionStore }

type newSession struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"800"`
	}
}

// login answers alike, in text and in time, for what is wrong.
func (h sessions) login(c *gin.Context, in *newSession) error {
	ctx := c.Request.Context()
	v := visitFrom(ctx)
	made, secret, err := h.store.Login(ctx, access.Caller{RequestID: v.requestID, Address: v.address},
		access.Attempt{Email: in.Body.Email, Password: in.Body.Password})
	if errs.Is(err, errs.Forbidden) {
		return problemFor(http.StatusUnauthorized, errs.Message(err))
	}
	if err != nil {
		return err
	}
	setCookie(c, v.cookie(secret, int(access.SessionLife.Seconds())))
	return answerJSON(c, http.StatusCreated, jsonType, showSession(made, secret))
}

func (h sessions) current(ctx context.Context, who access.Caller, _ *struct{}) (Session, error) {
	s, err := h.store.CurrentSession(ctx, who)
	return showSession(s, visitFrom(ctx).session), err
}

func (h sessions) logout(c *gin.Context, _ *struct{}) error {
	ctx := c.Request.Context()
	if err := h.store.Logout(ctx, callerFrom(ctx)); err != nil {
		return err
	}
	setCookie(c, visitFrom(ctx).cookie("", -1))
	c.Status(http.StatusNoContent)
	return nil
}

func (h sessions) endAll(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.EndSessions(ctx, who, conversation.UserID(in.ID))
}

type newPassword struct {
	ByID
	Body struct {
		Password        string `json:"password" maxLength:"800" doc:"12 to 200 characters."`
		CurrentPassword string `json:"current_password,omitempty" maxLength:"800" doc:"Of whoever changes their own."`
	}
}

func (h sessions) setPassword(ctx context.Context, who access.Caller, in *newPassword) error {
	return h.store.SetPassword(ctx, who, conversation.UserID(in.ID),
		access.PasswordChange{New: in.Body.Password, Current: in.Body.CurrentPassword})
}

// loginRoute and logoutRoute set cookies, and so are of another shape than all
// others.
func (h sessions) loginRoute(path, summary string) route {
	answers := setsCookie(describesBody(reflect.TypeFor[Session](), http.StatusCreated))
	return serves(http.MethodPost, path, open, summary, answers, h.login)
}

func (h sessions) logoutRoute(path string, verb access.Verb, summary string) route {
	return serves(http.MethodDelete, path, verb, summary, setsCookie(describesNothing), h.logout)
}

func setCookie(c *gin.Context, cookie http.Cookie) { c.Header("Set-Cookie", cookie.String()) }

// setsCookie describes that each answer sets the session's cookie.
func setsCookie(answers func(*huma.Operation, huma.Registry)) func(*huma.Operation, huma.Registry) {
	return func(op *huma.Operation, schemas huma.Registry) {
		answers(op, schemas)
		for _, response := range op.Responses {
			response.Headers = map[string]*huma.Header{"Set-Cookie": {Schema: &huma.Schema{Type: huma.TypeString}}}
		}
	}
}
