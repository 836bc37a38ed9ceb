package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/errs"
)

// Config says what the API serves and from where.
type Config struct {
	// Store answers everything; *store.Store does.
	Store Store
	// Forecaster looks ahead.
	Forecaster Forecaster
	// Previewer says what manual runs would do.
	Previewer Previewer
	// Logger gets what callers must not see. Nil means slog.Default().
	Logger *slog.Logger
	// Ready lists what must work before /readyz says so.
	Ready []Check
	// Metrics serves /metrics. Nil means 404.
	Metrics http.Handler
	// Live bounds the streams.
	Live Live
	// Version is shown in the OpenAPI document.
	Version string

	// Limit bounds how often one caller may ask. Its zero value is no limit.
	Limit Limit
	// TrustedProxies are addresses or prefixes of the load balancers whose
	// X-Forwarded-For and X-Forwarded-Proto are believed. None: nobody's.
	TrustedProxies []string

	// Addr is where Run listens, unless Listener is set.
	Addr string
	// Listener is used instead of Addr; Run closes it.
	Listener net.Listener
	// Started, if set, learns the address once connections are accepted.
	Started func(net.Addr)
}

// Check is one thing that must work.
type Check struct {
	Name string
	Do   func(context.Context) error
}

// The bounds of one request and of the shutdown.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	drainTimeout      = 15 * time.Second
)

// server is one API.
type server struct {
	Config
	table   map[string]route // by method and path pattern
	bodies  map[string]*huma.Schema
	limits  *limiter
	known   *knownCallers
	origins *http.CrossOriginProtection
	proxies []netip.Prefix
	openAPI func() []byte // written when somebody asks for it first
	// describedBy is what openAPI was written from.
	describedBy *huma.OpenAPI
	awaiting    *awaiting
	draining    atomic.Bool
	checked     checked
	live        *hub
}

// New returns the handler. It panics when the route table contradicts itself,
// which is a bug that every test sees, and when TrustedProxies cannot be read, which
// Run says as an error.
func New(cfg Config) http.Handler {
	h, _ := build(cfg)
	return h
}

// libraryDefaults sets what Gin and huma keep per process.
var libraryDefaults = sync.OnceFunc(func() {
	gin.SetMode(gin.ReleaseMode)
	huma.ValidateStrictCasing = true
})

func build(cfg Config) (*gin.Engine, *server) {
	libraryDefaults()
	s := &server{Config: cfg, table: map[string]route{}, limits: newLimiter(cfg.Limit, callersKept), known: newKnownCallers(callersKept),
		origins: http.NewCrossOriginProtection()}
	if s.Logger == nil {
		s.Logger = slog.Default()
	}
	s.awaiting = newAwaiting(s.Store, s.Logger)
	s.live = newHub(cfg.Live, cfg.Store, s.Logger)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	// What a caller says about where they come from proves nothing.
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"}
	var err error
	if s.proxies, err = parseProxies(cfg.TrustedProxies); err != nil {
		panic(err)
	}
	if err := engine.SetTrustedProxies(cfg.TrustedProxies); err != nil {
		panic(err) // what parseProxies has read, it reads
	}
	engine.Use(s.observe, s.recover, s.guard, s.readRequest)
	engine.NoRoute(func(c *gin.Context) { write(c, problemFor(http.StatusNotFound, "there is no such route")) })
	engine.NoMethod(func(c *gin.Context) {
		write(c, problemFor(http.StatusMethodNotAllowed, "this route does not take this method"))
	})

	doc := document(cfg.Version)
	for _, r := range s.routes() {
		if r.verb != open && access.ScopeOf(r.verb) == "" {
			panic("api: " + r.key() + " declares no verb of the policy: give it one of access/access.go in routes.go")
		}
		s.table[r.key()] = r
		r.register(doc, engine)
	}
	for _, r := range s.table {
		if _, ok := s.shownBy(r); r.matches && !ok {
			panic("api: " + r.key() + " takes If-Match, and no GET shows an ETag of what it changes")
		}
	}
	s.bodies = bodiesOf(doc)
	addExamples(doc)
	s.openAPI, s.describedBy = sync.OnceValue(func() []byte { return describe(doc) }), doc
	return engine, s
}

// document is the OpenAPI document without its routes.
func document(version string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: "SMARTICKS Workflows", Version: cmp.Or(version, "dev"), Description: apiDescription},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer"},
				"key":    {Type: "apiKey", In: "header", Name: keyHeader},
				"session": {Type: "apiKey", In: "cookie", Name: secureCookie,
					Description: "Set by POST /v1/sessions. Everything but GET needs the session's csrf_token as " + csrfHeader + " too."},
			},
		},
	}
}

// Run serves until ctx ends, then refuses new connections, lets the requests
// under way finish for at most 15 s and returns nil.
//
// Errors: errs.Invalid (a trusted proxy that is none), errs.Unavailable (the address
// cannot be used).
func Run(ctx context.Context, cfg Config) error {
	const op = "api.Run"
	if _, err := parseProxies(cfg.TrustedProxies); err != nil {
		return err
	}
	engine, s := build(cfg)
	listener := cfg.Listener
	if listener == nil {
		var err error
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Addr); err != nil {
			return errs.Wrap(op, errs.Unavailable, "the API's address cannot be used", err)
		}
	}
	web := &http.Server{
		Handler:           engine,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	if cfg.Started != nil {
		cfg.Started(listener.Addr())
	}
	select {
	case err := <-served:
		return errs.Wrap(op, errs.Unavailable, "the API stopped", err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.awaiting.end()
	s.live.close() // they would never end by themselves
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if err := web.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return errs.Wrap(op, errs.Unavailable, "the API did not stop cleanly", err)
	}
	return nil
}
