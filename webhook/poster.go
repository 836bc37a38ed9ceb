package webhook

import (
	"net"
	"net/http"
	"time"

	"github.com/smarticks/smarticks/errs"
)

// Config bounds what a Poster does.
type Config struct {
	// Allow lists what may be reached beside public addresses on ports 80 and 443.
	Allow []Allowed
	// Timeout bounds one attempt, connection and answer included. Zero means 15 s.
	Timeout time.Duration
	// MaxReplyBytes is how much of an answer is read. Zero means 64 KiB.
	MaxReplyBytes int64
	// MaxBodyBytes bounds what is sent. Zero means 1 MiB.
	MaxBodyBytes int
}

// Poster posts webhooks. It is safe for use by several goroutines.
type Poster struct {
	cfg    Config
	client *http.Client
}

// New returns a Poster.
//
// Errors: errs.Invalid (a negative bound, an invalid prefix).
func New(cfg Config) (*Poster, error) {
	if cfg.Timeout < 0 || cfg.MaxReplyBytes < 0 || cfg.MaxBodyBytes < 0 {
		return nil, errs.New("webhook.New", errs.Invalid, "a limit is negative")
	}
	for _, a := range cfg.Allow {
		if !a.Prefix.IsValid() || a.Port == 0 {
			return nil, errs.New("webhook.New", errs.Invalid, "an allowed address is invalid")
		}
	}
	setDefault(&cfg.Timeout, 15*time.Second)
	setDefault(&cfg.MaxReplyBytes, 64<<10)
	setDefault(&cfg.MaxBodyBytes, 1<<20)
	dialer := &net.Dialer{Control: newPolicy(cfg.Allow).control}
	return &Poster{cfg: cfg, client: &http.Client{
		Transport: &http.Transport{
			// No proxy: it would dial in our place, past the policy. No connection
			// is used twice, so each attempt is checked.
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func setDefault[T int | int64 | time.Duration](v *T, fallback T) {
	if *v == 0 {
		*v = fallback
	}
}
