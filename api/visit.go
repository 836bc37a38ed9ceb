package api

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/errs"
)

// visit is what is known of a request beside its content.
type visit struct {
	requestID string
	// address is where it comes from: the connection's, or what a trusted proxy
	// says in X-Forwarded-For.
	address string
	// secure reports whether the browser talks TLS, to us or to a trusted proxy.
	secure bool
	// session is the secret in the cookie, empty when the request came with none.
	session string
	// idle: the request is no use of the session; see route.
	idle bool
}

type visitKey struct{}

func visitFrom(ctx context.Context) visit {
	v, _ := ctx.Value(visitKey{}).(visit)
	return v
}

// Cookies of a session. A browser takes one that begins with __Host- from us only,
// over TLS only; without TLS, as on a developer's machine, it would take none.
const (
	secureCookie = "__Host-smarticks"
	plainCookie  = "smarticks"
)

func (v visit) cookieName() string {
	if v.secure {
		return secureCookie
	}
	return plainCookie
}

// cookie is the session's cookie; a maxAge below zero takes it away.
func (v visit) cookie(secret string, maxAge int) http.Cookie {
	return http.Cookie{
		Name: v.cookieName(), Value: secret, Path: "/", MaxAge: maxAge,
		Secure: v.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// visitOf looks at where the request comes from.
func (s *server) visitOf(c *gin.Context) visit {
	v := visit{requestID: c.Writer.Header().Get(requestIDHeader), address: c.ClientIP(), secure: c.Request.TLS != nil}
	if !v.secure && s.fromProxy(c.Request) {
		// The last one is what the nearest proxy saw, or passed on.
		schemes := strings.Split(c.Request.Header.Get("X-Forwarded-Proto"), ",")
		v.secure = strings.EqualFold(strings.TrimSpace(schemes[len(schemes)-1]), "https")
	}
	if cookie, err := c.Request.Cookie(v.cookieName()); err == nil {
		v.session = cookie.Value
	}
	return v
}

// fromProxy reports whether a trusted proxy made the connection.
func (s *server) fromProxy(req *http.Request) bool {
	host, _, err := net.SplitHostPort(req.RemoteAddr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range s.proxies {
		if p.Contains(ip.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// parseProxies reads addresses and prefixes: 10.0.0.7, 10.0.0.0/8.
//
// Errors: errs.Invalid.
func parseProxies(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			var ip netip.Addr
			if ip, err = netip.ParseAddr(text); err == nil {
				p, err = ip.Prefix(ip.BitLen())
			}
		}
		if err != nil {
			return nil, errs.New("api.parseProxies", errs.Invalid, "a trusted proxy is an address or a prefix such as 10.0.0.0/8, not "+text)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// bySession finds the caller of a request that came with a cookie. A browser sends
// that with everybody's requests: what changes something must come from our own
// pages, and carry the token that only they can read.
func (s *server) bySession(ctx context.Context, req *http.Request, secret string, idle bool) (access.Caller, error) {
	const ended = "the session has ended: log in again"
	if !access.SessionWellFormed(secret) {
		return access.Caller{}, unauthenticated(ended, "")
	}
	who, err := s.Store.SessionUser(ctx, secret, idle)
	if errs.Is(err, errs.NotFound) {
		return access.Caller{}, unauthenticated(ended, "")
	}
	if err != nil || req.Method == http.MethodGet || req.Method == http.MethodHead {
		return who, err
	}
	if err := s.ownOrigin(req); err != nil {
		return access.Caller{}, err
	}
	if !access.CSRFMatches(secret, req.Header.Get(csrfHeader)) {
		return access.Caller{}, problemFor(http.StatusForbidden, "send the session's csrf_token as "+csrfHeader)
	}
	return who, nil
}

// ownOrigin refuses what a browser says comes from another site's page.
func (s *server) ownOrigin(req *http.Request) error {
	if err := s.origins.Check(req); err != nil {
		return problemFor(http.StatusForbidden, "this comes from a page of another origin")
	}
	return nil
}
