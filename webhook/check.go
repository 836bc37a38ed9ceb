package webhook

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

const maxURLBytes = 2000

// CheckURL reports whether a webhook can have this URL: http or https, a host, no
// password in it. Whether its address may be reached is decided when it is
// dialled.
//
// Errors: errs.Invalid, with a sentence for who wrote the URL.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case len(raw) > maxURLBytes:
		return invalid("the URL is longer than 2,000 characters")
	case err != nil:
		return invalid("the URL cannot be read")
	case u.Scheme != "http" && u.Scheme != "https":
		return invalid("the URL must begin with http:// or https://")
	case u.Hostname() == "" || strings.Contains(u.Host, "%"):
		return invalid("the URL has no usable host")
	case u.User != nil:
		return invalid("the URL must not hold a user or password; use a header")
	case !isPort(u.Port()):
		return invalid("the URL's port is invalid")
	}
	return nil
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "" || err == nil && n > 0 && n < 65536
}

// CheckHeader reports whether who writes a webhook may set a header field.
//
// Errors: errs.Invalid: the name or value cannot be sent, or the field is ours
// (X-Smarticks-…, the signature's) or the connection's.
func CheckHeader(name, value string) error {
	if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
		return invalid("the header field is invalid")
	}
	if conversation.ReservedHeader(name) {
		return invalid("the header field is set by us")
	}
	return nil
}

func invalid(message string) error { return errs.New("webhook.Check", errs.Invalid, message) }
