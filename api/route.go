package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/access"
)

// open marks a route that needs no token.
const open access.Verb = "open"

// route is one line of the table in routes.go.
type route struct {
	method string
	path   string // with {id}
	// verb is what the token's user must be allowed to do; what is done in one
	// mailbox is checked again for that mailbox by whoever knows it.
	verb   access.Verb
	status int
	// raw: the handler itself reads the request, and describes no answer.
	raw bool
	// uncounted: it is not limited how often it is asked for.
	uncounted bool
	// idle: asking for it is no use of a session, which ends without one.
	idle     bool
	register func(route, huma.API, *gin.Engine)
	// matches: it takes If-Match; see matched.
	matches bool
	// current finds the ETag of what a GET shows; nil when that has none.
	current func(ctx context.Context, who access.Caller, id string) (string, error)
}

// key is how Gin names the route.
func (r route) key() string { return r.method + " " + ginPath(r.path) }

func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// answer is what huma renders, whatever the body is: huma.Register is compiled again
// for each pair of input and output, so that there is one output for all of them.
type answer struct {
	ETag   string `header:"ETag" hidden:"true"` // describeBody adds it where there is one
	Status int
	Body   any
}

// handler is a typed handler: it decodes nothing, and what it returns is the body.
type handler[I, B any] func(ctx context.Context, who access.Caller, in *I) (B, error)

func get[I, B any](path string, verb access.Verb, summary string, h handler[I, B]) route {
	return typed(http.MethodGet, path, http.StatusOK, verb, summary, h)
}

// post answers 201.
func post[I, B any](path string, verb access.Verb, summary string, h handler[I, B]) route {
	return typed(http.MethodPost, path, http.StatusCreated, verb, summary, h)
}

// act is a POST that makes nothing that has an address: it answers 200.
func act[I, B any](path string, verb access.Verb, summary string, h handler[I, B]) route {
	return typed(http.MethodPost, path, http.StatusOK, verb, summary, h)
}

// ask is a POST whose work is done later: it answers 202.
func ask[I, B any](path string, verb access.Verb, summary string, h handler[I, B]) route {
	return typed(http.MethodPost, path, http.StatusAccepted, verb, summary, h)
}

func put[I, B any](path string, verb access.Verb, summary string, h handler[I, B]) route {
	return typed(http.MethodPut, path, http.StatusOK, verb, summary, h)
}

func patch[I, B any](path string, verb access.Verb, summary string, h handler[I, B]) route {
	return typed(http.MethodPatch, path, http.StatusOK, verb, summary, h)
}

// del answers 204 without a body.
func del[I any](path string, verb access.Verb, summary string, h func(context.Context, access.Caller, *I) error) route {
	return silent(http.MethodDelete, path, verb, summary, h)
}

// putNothing is a PUT of something that is never shown: it answers 204.
func putNothing[I any](path string, verb access.Verb, summary string, h func(context.Context, access.Caller, *I) error) route {
	return silent(http.MethodPut, path, verb, summary, h)
}

func silent[I any](method, path string, verb access.Verb, summary string, h func(context.Context, access.Caller, *I) error) route {
	r := route{method: method, path: path, verb: verb, status: http.StatusNoContent}
	r.register = func(r route, doc huma.API, _ *gin.Engine) {
		huma.Register(doc, r.operation(summary), func(ctx context.Context, in *I) (*struct{}, error) {
			if err := h(ctx, callerFrom(ctx), in); err != nil {
				return nil, refuse(ctx, err)
			}
			return nil, nil
		})
	}
	return r
}

func typed[I, B any](method, path string, status int, verb access.Verb, summary string, h handler[I, B]) route {
	r := route{method: method, path: path, verb: verb, status: status}
	shown := func(ctx context.Context, who access.Caller, in *I) (any, error) { return h(ctx, who, in) }
	body := reflect.TypeFor[B]()
	if method == http.MethodGet && hasETag(body) {
		r.current = currentOf(shown)
	}
	r.register = func(r route, doc huma.API, _ *gin.Engine) {
		register(r, doc, summary, body, func(ctx context.Context, in *I) (any, int, error) {
			body, err := shown(ctx, callerFrom(ctx), in)
			return body, status, err
		})
	}
	return r
}

// register tells huma of a route whose handler returns a body of the given type, and
// the status.
func register[I any](r route, doc huma.API, summary string, body reflect.Type, h func(context.Context, *I) (any, int, error)) {
	op := r.operation(summary)
	r.describeBody(&op, body, doc.OpenAPI().Components.Schemas)
	huma.Register(doc, op, func(ctx context.Context, in *I) (*answer, error) {
		body, status, err := h(ctx, in)
		if err != nil {
			return nil, refuse(ctx, err)
		}
		return r.answer(ctx, status, body)
	})
}

// answer returns the body with its ETag, if it has one.
func (r route) answer(ctx context.Context, status int, body any) (*answer, error) {
	etag, err := etagOf(body)
	if err != nil {
		return nil, refuse(ctx, err)
	}
	if r.current != nil && known(ctx, etag) {
		return nil, unchanged(etag)
	}
	return &answer{etag, status, body}, nil
}

// plain is a route outside of the typed API; it needs no token.
func plain(path string, h gin.HandlerFunc) route {
	r := route{method: http.MethodGet, path: path, verb: open, raw: true}
	r.register = func(_ route, _ huma.API, engine *gin.Engine) { engine.Handle(r.method, ginPath(path), h) }
	return r
}

// probe is a plain route that monitoring asks for.
func probe(path string, h gin.HandlerFunc) route {
	r := plain(path, h)
	r.uncounted = true
	return r
}

func (r route) operation(summary string) huma.Operation {
	segments := strings.Split(strings.TrimPrefix(r.path, "/v1/"), "/")
	op := huma.Operation{
		OperationID:   operationID(r.method, r.path),
		Method:        r.method,
		Path:          r.path,
		Summary:       summary,
		Tags:          []string{segments[0]},
		DefaultStatus: r.status,
		MaxBodyBytes:  maxBodyBytes + 1, // body.go has looked before huma does
		Security:      []map[string][]string{{"bearer": {}}, {"key": {}}, {"session": {}}},
	}
	r.describeTags(&op)
	return op
}

// describeBody adds to the document what the route answers, which huma cannot read off
// answer.
func (r route) describeBody(op *huma.Operation, body reflect.Type, schemas huma.Registry) {
	response := &huma.Response{
		Content: map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(body, true, op.OperationID+"Response")}},
	}
	if hasETag(body) {
		response.Headers = map[string]*huma.Header{"ETag": {Schema: &huma.Schema{Type: huma.TypeString, Description: etagDoc}}}
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses[strconv.Itoa(op.DefaultStatus)] = response
}

func operationID(method, path string) string {
	path = strings.NewReplacer("/v1/", "", "{", "by-", "}", "", "/", "-", "_", "-").Replace(path)
	return strings.ToLower(method) + "-" + path
}
