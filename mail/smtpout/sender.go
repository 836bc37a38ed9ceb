package smtpout

import (
	"crypto/x509"
	"net"
	"net/url"
	"time"

	"github.com/smarticks/smarticks/errs"
)

// Sender sends mail through one relay, with a connection per mail. It is safe
// for use by several goroutines.
type Sender struct {
	addr     string // host:port
	host     string // whose certificate is expected
	user     string // empty: no AUTH
	password string
	security security
	timeouts timeouts
	roots    *x509.CertPool // who may vouch for the relay; nil: the system's
}

type security int

const (
	plain    security = iota
	startTLS          // required, never left out
	implicit          // smtps
)

// timeouts follow RFC 5321 4.5.3.2.
type timeouts struct {
	dial    time.Duration
	command time.Duration // for the answer to a command
	data    time.Duration // for writing the whole content
	dot     time.Duration // for the answer to the final dot
}

// New reads a relay's URL:
//
//	smtp://[user:password@]host[:port][?starttls=required]   port 25, or 587 with a user
//	smtps://[user:password@]host[:port]                      port 465
//
// A password goes only over TLS, or to a loopback address.
//
// Errors: errs.Invalid. Its text never holds the URL, which may hold a password.
func New(relayURL string) (*Sender, error) {
	u, err := url.Parse(relayURL)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return nil, invalid("the relay URL must look like smtp://host:port")
	}
	s := &Sender{
		host:     u.Hostname(),
		user:     u.User.Username(),
		timeouts: timeouts{dial: 30 * time.Second, command: 5 * time.Minute, data: 10 * time.Minute, dot: 12 * time.Minute},
	}
	s.password, _ = u.User.Password()
	port := u.Port()
	switch {
	case u.Scheme == "smtps" && u.RawQuery == "":
		s.security = implicit
		setDefault(&port, "465")
	case u.Scheme == "smtp" && u.RawQuery == "":
	case u.Scheme == "smtp" && u.RawQuery == "starttls=required":
		s.security = startTLS
	default:
		return nil, invalid("the relay URL must be smtp://…, smtp://…?starttls=required or smtps://…")
	}
	if s.user != "" {
		if s.security == plain && !isLoopback(s.host) {
			return nil, invalid("the relay URL has a password, which needs smtps:// or ?starttls=required")
		}
		setDefault(&port, "587")
	}
	setDefault(&port, "25")
	s.addr = net.JoinHostPort(s.host, port)
	return s, nil
}

func invalid(message string) error { return errs.New("smtpout.New", errs.Invalid, message) }

func setDefault(s *string, fallback string) {
	if *s == "" {
		*s = fallback
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
