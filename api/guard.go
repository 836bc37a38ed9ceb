package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// keyHeader carries a token where Authorization is taken by something else.
const keyHeader = "X-Smarticks-API-Key"

// causeHeader is what webhooks carry. Who calls because of one gives it back: what
// the call changes then counts as a part of the chain that led to the webhook.
const causeHeader = "X-Smarticks-Cause"

// requestIDHeader names a request in its answer, in the log and in the audit.
const requestIDHeader = "X-Request-Id"

// tokenStore knows the tokens.
type tokenStore interface {
	// TokenUser returns the user of a token that is neither revoked nor expired,
	// with the token's id and scopes. Errors: errs.NotFound.
	TokenUser(ctx context.Context, secret string) (access.Caller, error)
}

// guard lets through only what the table declares, to whom it declares it. A
// route that somebody adds elsewhere does not exist.
func (s *server) guard(c *gin.Context) {
	if c.FullPath() == "" {
		return // no such route or method: answered as such, token or not
	}
	r, declared := s.table[c.Request.Method+" "+c.FullPath()]
	if !declared {
		write(c, problemFor(http.StatusNotFound, "there is no such route"))
		return
	}
	v := s.visitOf(c)
	v.idle = r.idle
	ctx := context.WithValue(c.Request.Context(), visitKey{}, v)
	c.Request = c.Request.WithContext(ctx)
	if r.verb == open {
		s.guardOpen(c, r, v)
		return
	}
	// Before the database is asked: whatever comes of it counts, with the address as
	// long as nobody knows whose it is.
	secret := secretOf(c.Request, v)
	caller := s.known.bucket(secret)
	taken, ok := s.mayAsk(c, cmp.Or(caller, access.AddressKey(v.address)))
	if !ok {
		return
	}
	who, err := s.authenticate(ctx, c.Request, v)
	if err != nil {
		var p *problem
		if errors.As(err, &p) && p.Status == http.StatusUnauthorized {
			s.known.add(secret, "")
		}
		writeError(c, err)
		return
	}
	s.known.add(secret, who.TokenID+who.SessionID)
	if caller == "" {
		taken.giveBack()
		if _, ok := s.mayAsk(c, who.TokenID+who.SessionID); !ok {
			return
		}
	}
	who.RequestID, who.Address = v.requestID, v.address
	if !who.Covers(r.verb) {
		write(c, problemFor(http.StatusForbidden, "the token is not good for this: it lacks the scope "+string(access.ScopeOf(r.verb))))
		return
	}
	if !who.May(r.verb) {
		write(c, problemFor(http.StatusForbidden, "you may not do this"))
		return
	}
	if id := c.Param("id"); id != "" {
		if err := who.Of(r.verb, conversation.UserID(id)); err != nil {
			writeError(c, err)
			return
		}
	}
	for _, p := range c.Params {
		// An id that cannot be one is an id of nothing.
		if strings.HasSuffix(p.Key, "id") && !isID(p.Value) {
			writeError(c, errs.New("api.guard", errs.NotFound, "not found"))
			return
		}
	}
	if tags := etags(c.Request.Header, "If-Match"); len(tags) > 0 {
		shows, ok := s.shownBy(r)
		if !r.matches || !ok {
			writeError(c, invalid("header.If-Match", "this route has nothing to compare it with: leave it out"))
			return
		}
		who.Read = revisions(tags)
		id := c.Param("id")
		ctx = withCurrent(ctx, func(ctx context.Context) (string, error) { return shows.current(ctx, who, id) })
	}
	ctx = withKnown(ctx, etags(c.Request.Header, "If-None-Match"))
	req := c.Request
	ctx = context.WithValue(ctx, againKey{}, func(ctx context.Context) (access.Caller, error) { return s.authenticate(ctx, req, v) })
	name, id := "token_id", who.TokenID
	if who.SessionID != "" {
		name, id = "session_id", who.SessionID
	}
	ctx = context.WithValue(ctx, loggerKey{}, loggerFrom(ctx).With(name, id))
	c.Request = c.Request.WithContext(context.WithValue(ctx, callerKey{}, who))
}

// guardOpen lets a request through that needs no caller. Probes and metrics are
// asked for by machines of the house, and are not counted.
func (s *server) guardOpen(c *gin.Context, r route, v visit) {
	if r.uncounted {
		return
	}
	if _, ok := s.mayAsk(c, access.AddressKey(v.address)); !ok {
		return
	}
	if err := s.ownOrigin(c.Request); err != nil {
		writeError(c, err)
	}
}

// mayAsk takes a request from the caller's bucket; when that is empty it answers
// so.
func (s *server) mayAsk(c *gin.Context, caller string) (counted, bool) {
	wait, giveBack := s.limits.take(caller, time.Now())
	if wait > 0 {
		write(c, tooMany(wait, "too many requests, wait a moment"))
	}
	return counted{giveBack}, wait == 0
}

// counted is a request that was taken from a bucket.
type counted struct{ giveBack func() }

// authenticate finds the caller. A token in the query is not looked at: it would
// stand in logs. A token counts for more than a cookie, since no other site's page
// can send one.
func (s *server) authenticate(ctx context.Context, req *http.Request, v visit) (access.Caller, error) {
	secret := req.Header.Get(keyHeader)
	if h := req.Header.Get("Authorization"); h != "" {
		scheme, rest, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return access.Caller{}, unauthenticated("send the token as Authorization: Bearer TOKEN", "")
		}
		secret = strings.TrimSpace(rest)
	}
	switch {
	case secret == "" && v.session != "":
		who, err := s.bySession(ctx, req, v.session, v.idle)
		who.Cause = req.Header.Get(causeHeader)
		return who, err
	case secret == "":
		return access.Caller{}, unauthenticated("this needs a token: Authorization: Bearer TOKEN", "")
	case !access.WellFormed(secret):
		return access.Caller{}, unauthenticated("the token is not valid", `, error="invalid_token"`)
	}
	who, err := s.Store.TokenUser(ctx, secret)
	if errs.Is(err, errs.NotFound) {
		return access.Caller{}, unauthenticated("the token is not valid", `, error="invalid_token"`)
	}
	who.Cause = req.Header.Get(causeHeader)
	return who, err
}

func unauthenticated(detail, parameters string) error {
	p := problemFor(http.StatusUnauthorized, detail)
	p.header = http.Header{"Www-Authenticate": {`Bearer realm="smarticks"` + parameters}}
	return p
}

func writeError(c *gin.Context, err error) {
	if p, ok := refuse(c.Request.Context(), err).(*problem); ok {
		write(c, p)
	}
}

type callerKey struct{}

// callerFrom returns who asks. Outside of guarded routes that is nobody, who may
// do nothing.
func callerFrom(ctx context.Context) access.Caller {
	who, _ := ctx.Value(callerKey{}).(access.Caller)
	return who
}

// observe gives the request an id, for its answer and for everything logged about
// it, and logs how it ended: the route's pattern, never a path or a query.
func (s *server) observe(c *gin.Context) {
	id := rand.Text()
	h := c.Writer.Header()
	h.Set(requestIDHeader, id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	logger := s.Logger.With("request_id", id, "method", c.Request.Method, "route", c.FullPath())
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), loggerKey{}, logger))
	began := time.Now()
	c.Next()
	logger.DebugContext(c.Request.Context(), "request answered", "status", c.Writer.Status(), "took", time.Since(began))
}
