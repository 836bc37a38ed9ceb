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
	verb access.Verb
	// raw serves a route outside of the typed API: it reads the request itself, and
	// describes no answer.
	raw gin.HandlerFunc
	// uncounted: it is not limited how often it is asked for.
	uncounted bool
	// idle: asking for it is no use of a session, which ends without one.
	idle bool
	endpoint
	// matches: it takes If-Match; see matched.
	matches bool
	// current finds the ETag of what a GET shows; nil when that has none.
	current func(ctx context.Context, who access.Caller, id string) (string, error)
}

// endpoint is what a typed route does.
type endpoint struct {
	summary string
	input   reflect.Type
	// answers describes what it answers when all goes well.
	answers func(op *huma.Operation, schemas huma.Registry)
	// serve does what is asked and answers; in is a pointer to the input.
	serve func(c *gin.Context, in any) error
}

// key is how Gin names the route.
func (r route) key() string { return r.method + " " + ginPath(r.path) }

func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
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
	return serves(method, path, verb, summary, describesNothing, func(c *gin.Context, in *I) error {
		if err := h(c.Request.Context(), callerFrom(c.Request.Context()), in); err != nil {
			return err
		}
		c.Status(http.StatusNoContent)
		return nil
	})
}

func typed[I, B any](method, path string, status int, verb access.Verb, summary string, h handler[I, B]) route {
	shown := func(ctx context.Context, who access.Caller, in *I) (any, error) { return h(ctx, who, in) }
	body := reflect.TypeFor[B]()
	var current func(ctx context.Context, who access.Caller, id string) (string, error)
	if method == http.MethodGet && hasETag(body) {
		current = currentOf(shown)
	}
	r := serves(method, path, verb, summary, describesBody(body, status), func(c *gin.Context, in *I) error {
		body, err := shown(c.Request.Context(), callerFrom(c.Request.Context()), in)
		return answer(c, status, body, err, current != nil)
	})
	r.current = current
	return r
}

// serves is a route of an input.
func serves[I any](method, path string, verb access.Verb, summary string,
	answers func(*huma.Operation, huma.Registry), serve func(*gin.Context, *I) error,
) route {
	return route{method: method, path: path, verb: verb, endpoint: endpoint{
		summary: summary, input: reflect.TypeFor[I](), answers: answers,
		serve: func(c *gin.Context, in any) error { return serve(c, in.(*I)) },
	}}
}

// register adds the route to the document, and serves it.
func (r route) register(doc *huma.OpenAPI, engine *gin.Engine) {
	if r.raw != nil {
		engine.Handle(r.method, ginPath(r.path), r.raw)
		return
	}
	op, schemas := r.operation(), doc.Components.Schemas
	b := bind(&op, r.input, schemas)
	r.answers(&op, schemas)
	op.Responses["default"] = &huma.Response{
		Description: "Error", Content: map[string]*huma.MediaType{problemType: {Schema: schemas.Schema(reflect.TypeFor[problem](), true, "")}},
	}
	doc.AddOperation(&op)
	engine.Handle(r.method, ginPath(r.path), func(c *gin.Context) {
		in, err := b.read(c)
		if err == nil {
			err = r.serve(c, in)
		}
		if err != nil {
			writeError(c, err)
		}
	})
}

// answer answers with the body and its ETag, if it has one, unless err says what was
// wrong. cached: who has what has this ETag already is told so.
func answer(c *gin.Context, status int, body any, err error, cached bool) error {
	if err != nil {
		return err
	}
	etag, err := etagOf(body)
	if err != nil {
		return err
	}
	if cached && known(c.Request.Context(), etag) {
		return unchanged(etag)
	}
	if etag != "" {
		c.Header("ETag", etag)
	}
	return answerJSON(c, status, jsonType, body)
}

// plain is a route outside of the typed API; it needs no token.
func plain(path string, h gin.HandlerFunc) route {
	return route{method: http.MethodGet, path: path, verb: open, raw: h}
}

// probe is a plain route that monitoring asks for.
func probe(path string, h gin.HandlerFunc) route {
	r := plain(path, h)
	r.uncounted = true
	return r
}

func (r route) operation() huma.Operation {
	segments := strings.Split(strings.TrimPrefix(r.path, "/v1/"), "/")
	op := huma.Operation{
		OperationID: operationID(r.method, r.path),
		Method:      r.method,
		Path:        r.path,
		Summary:     r.summary,
		Tags:        []string{segments[0]},
		Responses:   map[string]*huma.Response{},
	}
	if r.verb != open {
		op.Security = []map[string][]string{{"bearer": {}}, {"key": {}}, {"session": {}}}
	}
	r.describeTags(&op)
	return op
}

// describesBody describes an answer with a body of the type, of each status.
func describesBody(body reflect.Type, statuses ...int) func(*huma.Operation, huma.Registry) {
	return func(op *huma.Operation, schemas huma.Registry) {
		schema := schemas.Schema(body, true, op.OperationID+"Response")
		for _, status := range statuses {
			response := &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{jsonType: {Schema: schema}}}
			if hasETag(body) {
				response.Headers = map[string]*huma.Header{"ETag": {Schema: &huma.Schema{Type: huma.TypeString, Description: etagDoc}}}
			}
			op.Responses[strconv.Itoa(status)] = response
		}
	}
}

// describesNothing describes an answer without a body.
func describesNothing(op *huma.Operation, _ huma.Registry) {
	op.Responses[strconv.Itoa(http.StatusNoContent)] = &huma.Response{Description: http.StatusText(http.StatusNoContent)}
}

// describesText describes an answer of 200 that is no JSON.
func describesText(mediaType, description string) func(*huma.Operation, huma.Registry) {
	return func(op *huma.Operation, _ huma.Registry) {
		op.Responses["200"] = &huma.Response{
			Description: description, Content: map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString}}},
		}
	}
}

func operationID(method, path string) string {
	path = strings.NewReplacer("/v1/", "", "{", "by-", "}", "", "/", "-", "_", "-").Replace(path)
	return strings.ToLower(method) + "-" + path
}
