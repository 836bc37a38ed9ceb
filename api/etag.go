package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/smarticks/smarticks/access"
)

// An ETag is "REVISION-HASH", both of what a GET answers. If-None-Match compares
// all of it: the bytes are the same. If-Match compares the revision alone, which
// counts what people wrote: that a folder has one conversation more, or that a user
// whom a workflow names is called something else, stands in nobody's way. The store
// compares, under the lock of what it changes.

// entity is a body that has an ETag.
type entity interface {
	// entity returns how often it was changed, and what a GET shows of it: without
	// warnings, and without a secret that is shown once.
	entity() (revision int64, shown any)
}

const etagDoc = "Changes with the answer. Give it back as If-Match to change only what you have read, or as If-None-Match to be told " +
	"whether it is another one."

// hasETag reports whether bodies of the type have one.
func hasETag(body reflect.Type) bool { return body.Implements(reflect.TypeFor[entity]()) }

// etagOf returns the body's ETag, empty when it has none.
func etagOf(body any) (string, error) {
	e, ok := body.(entity)
	if !ok {
		return "", nil
	}
	revision, shown := e.entity()
	var text bytes.Buffer
	if err := writeJSON(&text, shown); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text.Bytes())
	return `"` + strconv.FormatInt(revision, 10) + "-" + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, nil
}

// etags splits the values of If-Match and If-None-Match.
func etags(header http.Header, name string) []string {
	var out []string
	for tag := range strings.SplitSeq(strings.Join(header.Values(name), ","), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			out = append(out, tag)
		}
	}
	return out
}

// revisions reads what If-Match names: nil is whatever there is. A weak tag, or one
// that is not ours, is of no revision that there ever is.
func revisions(tags []string) []int64 {
	read := []int64{}
	for _, tag := range tags {
		if tag == "*" {
			return nil
		}
		tag, strong := strings.CutPrefix(tag, `"`)
		number, _, _ := strings.Cut(strings.TrimSuffix(tag, `"`), "-")
		revision, err := strconv.ParseInt(number, 10, 64)
		if !strong || err != nil {
			revision = 0 // the first is 1
		}
		read = append(read, revision)
	}
	return read
}

type knownKey struct{}

// withKnown carries the tags of If-None-Match to the answer.
func withKnown(ctx context.Context, tags []string) context.Context {
	if len(tags) == 0 {
		return ctx
	}
	return context.WithValue(ctx, knownKey{}, tags)
}

// known reports whether the caller has this answer already. Here a weak tag is as
// good as a strong one.
func known(ctx context.Context, etag string) bool {
	tags, _ := ctx.Value(knownKey{}).([]string)
	for _, tag := range tags {
		if etag != "" && (tag == "*" || strings.TrimPrefix(tag, "W/") == etag) {
			return true
		}
	}
	return false
}

// unchanged is the answer to who has it already.
func unchanged(etag string) error {
	return &problem{Status: http.StatusNotModified, header: http.Header{"Etag": {etag}}}
}

type currentKey struct{}

// withCurrent carries to the answer by what to find the ETag that there is now.
func withCurrent(ctx context.Context, get func(context.Context) (string, error)) context.Context {
	return context.WithValue(ctx, currentKey{}, get)
}

// currentETag is the ETag of what the request was to change, empty when it cannot be
// told.
func currentETag(ctx context.Context) string {
	get, ok := ctx.Value(currentKey{}).(func(context.Context) (string, error))
	if !ok {
		return ""
	}
	etag, err := get(ctx)
	if err != nil {
		return "" // it went, or the database did; that the write was refused stays true
	}
	return etag
}

// matched lets a route take If-Match: its handler changes what the GET of the same
// address shows, and the store compares.
func matched(r route) route {
	r.matches = true
	return r
}

// shownBy finds the route that shows what r changes: the GET of its object.
func (s *server) shownBy(r route) (route, bool) {
	segments := strings.Split(r.path, "/")
	if len(segments) > 4 {
		segments = segments[:4]
	}
	shows, ok := s.table[http.MethodGet+" "+ginPath(strings.Join(segments, "/"))]
	return shows, ok && shows.current != nil
}

// currentOf returns by what a GET's ETag is found: its handler, with the id. It is nil
// when more than an id names the object.
func currentOf(h any) func(ctx context.Context, who access.Caller, id string) (string, error) {
	var show func(ctx context.Context, who access.Caller, id string) (any, error)
	switch h := h.(type) {
	case func(context.Context, access.Caller, *ByID) (any, error):
		show = func(ctx context.Context, who access.Caller, id string) (any, error) { return h(ctx, who, &ByID{id}) }
	case func(context.Context, access.Caller, *struct{}) (any, error):
		show = func(ctx context.Context, who access.Caller, _ string) (any, error) { return h(ctx, who, &struct{}{}) }
	default:
		return nil
	}
	return func(ctx context.Context, who access.Caller, id string) (string, error) {
		body, err := show(ctx, who, id)
		if err != nil {
			return "", err
		}
		return etagOf(body)
	}
}

// describeTags adds to the document what a route does with ETags.
func (r route) describeTags(op *huma.Operation) {
	header := func(name, doc string) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "header", Description: doc,
			Schema: &huma.Schema{Type: huma.TypeString}})
	}
	if r.matches {
		header("If-Match", "Change it only if it still is what has this ETag: 412 otherwise, which tells who changed it when. Without it "+
			"what there is is overwritten.")
	}
	if r.current != nil {
		header("If-None-Match", "Answer 304 if what there is has this ETag.")
		op.Responses["304"] = &huma.Response{Description: "It is what has the ETag of If-None-Match."}
	}
}
