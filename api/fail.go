package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// problem is every error answer (RFC 9457). Two requests for things that the
// caller cannot see get the same bytes, so it names nothing of the request.
type problem struct {
	Type   string    `json:"type" doc:"What went wrong, for programs: urn:smarticks:problem:invalid and so on."`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Errors []mistake `json:"errors,omitempty" doc:"All that is wrong with the input, or the first 100 things."`
	More   int       `json:"more_errors,omitempty,omitzero" doc:"How many more there are."`
	// Changed is set with 412 only.
	Changed *lastChange `json:"changed,omitempty" doc:"With 412: the change that you have not read."`

	header http.Header
}

// mistake is one thing that is wrong with the input. The value itself is never
// sent back: it may be a secret.
type mistake struct {
	Location string `json:"location" doc:"Where it stands: body.conditions[0].any[1].value, query.limit."`
	Message  string `json:"message"`
}

// The bounds of what an answer says of the input: how many mistakes, and how long
// the texts of one may be, in bytes.
const (
	maxMistakes    = 100
	maxMistakeText = 1000
)

// lastChange is who changed what the caller was about to overwrite.
type lastChange struct {
	At     time.Time              `json:"at"`
	By     conversation.ActorKind `json:"by" doc:"user, or system for the installation itself."`
	UserID string                 `json:"user_id,omitempty"`
	Name   string                 `json:"name,omitempty"`
	What   string                 `json:"what" doc:"What was done: changed, published, switched on, ..."`
}

// changedMeanwhile is the answer to a write whose If-Match is not what there is.
func changedMeanwhile(ctx context.Context, err error) *problem {
	p := problemFor(http.StatusPreconditionFailed, errs.Message(err))
	var stale *conversation.Stale
	if errors.As(err, &stale) && !stale.At.IsZero() {
		p.Changed = &lastChange{stale.At, stale.By.Kind, stale.By.ID, stale.Name, stale.Verb}
	}
	if etag := currentETag(ctx); etag != "" {
		p.header = http.Header{"Etag": {etag}}
	}
	return p
}

func (p *problem) Error() string { return p.Detail }

const problemType = "application/problem+json"

// problemNames are the last parts of type URIs.
var problemNames = map[int]string{
	http.StatusBadRequest:            "unreadable",
	http.StatusUnauthorized:          "unauthenticated",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not-found",
	http.StatusMethodNotAllowed:      "method-not-allowed",
	http.StatusConflict:              "conflict",
	http.StatusPreconditionFailed:    "changed-meanwhile",
	http.StatusRequestEntityTooLarge: "too-large",
	http.StatusUnsupportedMediaType:  "unsupported-media-type",
	http.StatusUnprocessableEntity:   "invalid",
	http.StatusTooManyRequests:       "too-many-requests",
	http.StatusServiceUnavailable:    "unavailable",
	http.StatusInternalServerError:   "internal",
}

func problemFor(status int, detail string, mistakes ...mistake) *problem {
	name, ok := problemNames[status]
	if !ok {
		name = "http-error"
	}
	p := &problem{
		Type:   "urn:smarticks:problem:" + name,
		Title:  http.StatusText(status),
		Status: status,
		Detail: detail,
	}
	return p.with(mistakes)
}

// with adds mistakes, each cut to what a reader can use, and counts those for which
// there is no place: an answer must not grow with what it refuses.
func (p *problem) with(mistakes []mistake) *problem {
	for i, m := range mistakes {
		if len(p.Errors) == maxMistakes {
			return p.without(len(mistakes) - i)
		}
		p.Errors = append(p.Errors, mistake{cutText(m.Location, maxMistakeText), cutText(m.Message, maxMistakeText)})
	}
	return p
}

// without counts mistakes that are not listed.
func (p *problem) without(more int) *problem {
	p.More += more
	return p
}

// cutText cuts a text to so many bytes, between two characters.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}

// refuse turns a handler's error into its answer. What waiting cannot heal and
// nobody classified is logged here, once, and answered without detail.
func refuse(ctx context.Context, err error) error {
	var known *problem
	if errors.As(err, &known) {
		return known
	}
	var many *access.TooManyError
	if errors.As(err, &many) {
		return tooMany(many.Wait, errs.Message(err))
	}
	switch errs.KindOf(err) {
	case errs.Invalid:
		return problemFor(http.StatusUnprocessableEntity, errs.Message(err), mistakesOf(err)...)
	case errs.NotFound:
		return problemFor(http.StatusNotFound, "there is no such thing, or it is not yours to see")
	case errs.Conflict:
		if errors.Is(err, automation.ErrUnconfirmed) {
			return unconfirmed(err)
		}
		return problemFor(http.StatusConflict, errs.Message(err), mistakesOf(err)...)
	case errs.Stale:
		return changedMeanwhile(ctx, err)
	case errs.Forbidden:
		return problemFor(http.StatusForbidden, errs.Message(err))
	case errs.Unavailable:
		loggerFrom(ctx).WarnContext(ctx, "request answered with try again", "error", err)
		p := problemFor(http.StatusServiceUnavailable, errs.Message(err))
		p.header = http.Header{"Retry-After": {"1"}}
		return p
	default:
		loggerFrom(ctx).ErrorContext(ctx, "request failed", "error", err)
		return problemFor(http.StatusInternalServerError, "internal error")
	}
}

// mistakesOf lists an error's problems. Their paths are paths of the body, unless
// they say otherwise.
func mistakesOf(err error) []mistake {
	var out []mistake
	for _, p := range errs.Problems(err) {
		location := "body"
		switch {
		case strings.HasPrefix(p.Path, "["):
			location += p.Path
		case p.Path != "":
			location += "." + p.Path
		}
		out = append(out, mistake{location, p.Message})
	}
	return out
}

// invalid is a 422 about one place of the request: body.email, query.cursor.
func invalid(location, message string) error {
	return problemFor(http.StatusUnprocessableEntity, "validation failed", mistake{location, message})
}

// invalidRequest says in our shape what huma found: without the value, in a fixed order.
func invalidRequest(status int, message string, wrong []error) error {
	var list []mistake
	for _, w := range wrong {
		var known huma.ErrorDetailer
		if errors.As(w, &known) {
			d := known.ErrorDetail()
			list = append(list, mistake{d.Location, d.Message})
		}
	}
	slices.SortStableFunc(list, func(a, b mistake) int { return cmp.Compare(a.Location, b.Location) })
	return problemFor(status, message, list...)
}

// write answers with the problem and ends the request.
func write(c *gin.Context, p *problem) {
	for name, values := range p.header {
		c.Header(name, values[0])
	}
	c.Abort()
	if err := answerJSON(c, p.Status, problemType, p); err != nil {
		panic(err) // strings and numbers always encode
	}
}

// recover answers a panic like any other fault of ours.
func (s *server) recover(c *gin.Context) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v) // the connection is to be cut
			}
			s.Logger.ErrorContext(c.Request.Context(), "request panicked", "route", c.FullPath(), "panic", v)
			if !c.Writer.Written() {
				write(c, problemFor(http.StatusInternalServerError, "internal error"))
			}
		}
	}()
	c.Next()
}

type loggerKey struct{}

func loggerFrom(ctx context.Context) *slog.Logger {
	if l, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok {
		return l
	}
	return slog.Default()
}
