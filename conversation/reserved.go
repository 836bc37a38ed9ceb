package conversation

import (
	"slices"
	"strings"
)

// reservedHeaders are the connection's, the signature's or ours, beside those that
// begin like it.
var reservedHeaders = []string{
	"accept-encoding", "connection", "content-length", "content-type", "expect", "host", "http2-settings", "keep-alive", "te", "trailer",
	"transfer-encoding", "upgrade", "user-agent",
}

// ReservedHeader reports whether a header field of a webhook is set by who sends it, so
// that a workflow may not. It is asked when a workflow is saved and when it is sent.
func ReservedHeader(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"webhook-", "proxy-", "x-smarticks-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains(reservedHeaders, name)
}
