package api

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// binding reads requests into inputs of one type. It does what huma.Register does,
// but by reflection alone: that one has the input as a type parameter, and the
// compiler makes all of it again for each.
type binding struct {
	input   reflect.Type
	schemas huma.Registry
	params  []param
	body    *bodyBinding // nil for a route that takes none
}

// param is a field of an input that comes from the path, the query or a header.
type param struct {
	*huma.Param
	index []int
	// initial is what it is when the request does not name it.
	initial string
}

// bodyBinding is the field Body of an input.
type bodyBinding struct {
	index    []int
	required bool
	schema   *huma.Schema
}

// bind finds what the input takes, and adds it to the operation.
func bind(op *huma.Operation, input reflect.Type, schemas huma.Registry) binding {
	b := binding{input: input, schemas: schemas}
	for _, f := range reflect.VisibleFields(input) {
		if f.Name == "Body" {
			schema, required := huma.SchemaFromField(schemas, f, cmp.Or(input.Name(), op.OperationID)+"Body"), f.Type.Kind() != reflect.Pointer
			schema.PrecomputeMessages()
			b.body = &bodyBinding{f.Index, required, schema}
			op.RequestBody = &huma.RequestBody{Required: required, Content: map[string]*huma.MediaType{jsonType: {Schema: schema}}}
			continue
		}
		for _, in := range []string{"path", "query", "header"} {
			if tag := f.Tag.Get(in); tag != "" {
				p := paramOf(f, in, tag, huma.SchemaFromField(schemas, f, ""))
				b.params, op.Parameters = append(b.params, p), append(op.Parameters, p.Param)
			}
		}
	}
	return b
}

func paramOf(f reflect.StructField, in, tag string, schema *huma.Schema) param {
	name, style, _ := strings.Cut(tag, ",")
	if style == "" {
		mustParse(f)
	}
	p := &huma.Param{
		Name: name, In: in, Description: schema.Description, Style: style, Schema: schema,
		Required: in == "path" || f.Tag.Get("required") == "true",
	}
	if in == "query" {
		p.Explode = new(bool)
	}
	return param{p, f.Index, f.Tag.Get("default")}
}

// read returns a pointer to an input that holds what the request says.
//
// Errors: *problem with all that is wrong.
func (b binding) read(c *gin.Context) (any, error) {
	r := &requestReader{
		c: c, query: c.Request.URL.Query(), schemas: b.schemas,
		path: huma.NewPathBuffer(nil, 0), status: http.StatusUnprocessableEntity,
	}
	if err := b.checkNames(r); err != nil {
		return nil, err
	}
	in := reflect.New(b.input)
	for _, p := range b.params {
		r.param(p, in.Elem().FieldByIndex(p.index))
	}
	if b.body != nil {
		if err := r.body(b.body, in.Elem().FieldByIndex(b.body.index)); err != nil {
			return nil, err
		}
	}
	return in.Interface(), r.problem()
}

// checkNames refuses what the route does not know in the query.
func (b binding) checkNames(r *requestReader) error {
	for name := range r.query {
		if !slices.ContainsFunc(b.params, func(p param) bool { return p.In == "query" && p.has(name) }) {
			r.at("query", name)
			r.wrong.Add(r.path, "", "unknown query parameter")
		}
	}
	return r.problem()
}

// has reports whether a name in the query is of the parameter.
func (p param) has(name string) bool {
	if p.Style == deepObject {
		return strings.HasPrefix(name, p.Name+"[")
	}
	return name == p.Name
}

// deepObject is the style of field[NAME]=VALUE.
const deepObject = "deepObject"

// requestReader reads one request, and collects what is wrong with it.
type requestReader struct {
	c       *gin.Context
	query   url.Values
	schemas huma.Registry
	path    *huma.PathBuffer
	wrong   huma.ValidateResult
	status  int
}

func (r *requestReader) problem() error {
	if len(r.wrong.Errors) == 0 {
		return nil
	}
	return invalidRequest(r.status, "validation failed", r.wrong.Errors)
}

func (r *requestReader) at(steps ...string) {
	r.path.Reset()
	for _, s := range steps {
		r.path.Push(s)
	}
}

// param reads a parameter into its field.
func (r *requestReader) param(p param, field reflect.Value) {
	r.at(p.In, p.Name)
	var value any
	if p.Style == deepObject {
		if values := r.deep(p.Name); len(values) > 0 {
			field.Set(reflect.ValueOf(values))
			value = anyMap(values)
		}
	} else if text := r.text(p); text != "" {
		var wrong string
		if value, wrong = parseInto(field, text); wrong != "" {
			r.wrong.Add(r.path, text, wrong)
			return
		}
	}
	switch {
	case value != nil:
		huma.Validate(r.schemas, p.Schema, r.path, huma.ModeWriteToServer, value, &r.wrong)
	case p.Required:
		r.wrong.Add(r.path, "", "required "+p.In+" parameter is missing")
	}
}

func (r *requestReader) text(p param) string {
	var text string
	switch p.In {
	case "path":
		text = r.c.Param(p.Name)
	case "query":
		text = r.query.Get(p.Name)
	case "header":
		text = r.c.GetHeader(p.Name)
	}
	if text == "" {
		return p.initial
	}
	return text
}

// deep reads NAME[KEY]=VALUE from the query.
func (r *requestReader) deep(name string) map[string]string {
	out := map[string]string{}
	for key, values := range r.query {
		if rest, ok := strings.CutPrefix(key, name+"["); ok {
			rest, _, _ = strings.Cut(rest, "[")
			out[strings.Trim(rest, "]")] = values[0]
		}
	}
	return out
}

func anyMap(values map[string]string) map[string]any {
	out := map[string]any{}
	for k, v := range values {
		out[k] = v
	}
	return out
}

// mustParse panics for a field of a kind that parseInto does not know.
func mustParse(f reflect.StructField) {
	known := []reflect.Type{reflect.TypeFor[bool](), reflect.TypeFor[time.Time]()}
	if !slices.Contains(known, f.Type) && f.Type.Kind() != reflect.String && !reflect.Zero(f.Type).CanInt() {
		panic("api: a parameter cannot be of the type " + f.Type.String() + " yet: see parseInto")
	}
}

// parseInto sets a field to what the text says, and returns what its schema is to be
// compared with, or what is wrong with the text.
func parseInto(field reflect.Value, text string) (value any, wrong string) {
	switch at := field.Addr().Interface().(type) {
	case *time.Time:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, "invalid date/time for format " + time.RFC3339Nano
		}
		*at = t
		return text, ""
	case *bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, "invalid boolean"
		}
		*at = v
		return v, ""
	}
	if field.CanInt() {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, "invalid integer"
		}
		field.SetInt(n)
		return n, ""
	}
	field.SetString(text)
	return text, ""
}

// body reads the body, which readRequest has taken in, into its field.
func (r *requestReader) body(b *bodyBinding, field reflect.Value) error {
	body, err := io.ReadAll(r.c.Request.Body)
	switch {
	case err != nil:
		return err
	case len(body) == 0 && b.required:
		return invalidRequest(http.StatusBadRequest, "request body is required", r.wrong.Errors)
	case len(body) == 0:
		return nil
	case !isJSON(r.c.GetHeader("Content-Type")):
		return problemFor(http.StatusUnsupportedMediaType, "the body must be JSON: Content-Type: application/json")
	}
	before := len(r.wrong.Errors)
	var value any
	if err := readJSON(body, &value); err != nil {
		r.status = http.StatusBadRequest
		r.wrong.Errors = append(r.wrong.Errors, &huma.ErrorDetail{Location: "body", Message: err.Error()})
		return nil
	}
	r.at("body")
	huma.Validate(r.schemas, b.schema, r.path, huma.ModeWriteToServer, value, &r.wrong)
	// The schema says better what is wrong than the decoder does.
	if err := readJSON(body, field.Addr().Interface()); err != nil && len(r.wrong.Errors) == before {
		r.wrong.Errors = append(r.wrong.Errors, &huma.ErrorDetail{Location: "body", Message: err.Error()})
	}
	return nil
}

// answerJSON answers with the body.
func answerJSON(c *gin.Context, status int, mediaType string, body any) error {
	var text bytes.Buffer
	if err := writeJSON(&text, body); err != nil {
		return err
	}
	c.Data(status, mediaType, text.Bytes())
	return nil
}
