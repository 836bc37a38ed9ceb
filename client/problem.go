package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/smarticks/smarticks/errs"
)

// Problem is an answer of the API that refuses a request (RFC 9457).
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Errors lists all that is wrong with the input.
	Errors []Mistake `json:"errors"`

	// Request is what was asked for: GET /v1/me.
	Request string `json:"-"`
}

// Mistake is one thing that is wrong with a request.
type Mistake struct {
	// Location is where it stands: body.workflows[0].name, query.limit.
	Location string `json:"location"`
	Message  string `json:"message"`
}

// Error says what was refused and why, with all mistakes.
func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s was answered with %d: %s", p.Request, p.Status, p.Detail)
	for _, m := range p.Errors {
		b.WriteString("; ")
		if m.Location != "" {
			b.WriteString(m.Location + ": ")
		}
		b.WriteString(m.Message)
	}
	return b.String()
}

// Unwrap gives the problem its kind, so that errs.KindOf tells it.
func (p *Problem) Unwrap() error {
	kind, known := map[int]errs.Kind{
		http.StatusBadRequest: errs.Invalid, http.StatusUnprocessableEntity: errs.Invalid, http.StatusRequestEntityTooLarge: errs.Invalid,
		http.StatusUnauthorized: errs.Forbidden, http.StatusForbidden: errs.Forbidden,
		http.StatusNotFound: errs.NotFound, http.StatusConflict: errs.Conflict, http.StatusPreconditionFailed: errs.Stale,
		http.StatusTooManyRequests: errs.Unavailable, http.StatusServiceUnavailable: errs.Unavailable,
	}[p.Status]
	if !known {
		kind = errs.Internal
	}
	return errs.New("client", kind, p.Detail)
}

// readProblem reads a refusal. What is no problem, as from a proxy in between, is
// told by its status.
func readProblem(request string, status int, body []byte) *Problem {
	p := &Problem{}
	if json.Unmarshal(body, p) != nil || p.Detail == "" {
		p = &Problem{Title: http.StatusText(status), Detail: strings.ToLower(http.StatusText(status))}
	}
	p.Status, p.Request = status, request
	return p
}
