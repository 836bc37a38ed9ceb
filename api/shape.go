package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/go-json-experiment/json/jsontext"
)

// reading reads a body once, token by token, beside the schema of what it should be.
type reading struct {
	*jsontext.Decoder
	schemas huma.Registry
	// wrong are the first mistakes of the shape (a key that there is not, a value of
	// another type), and more is how many came after them.
	wrong []mistake
	more  int
	// end: huma must not see it. A list is longer than it may be, holds what cannot be
	// compared although each may stand once, or there are too many mistakes to list.
	end bool
}

// checkJSON returns nil for one JSON value that everybody reads alike, that the
// database can keep, and on which huma's work is bounded. What huma finds in the rest
// it tells better: the shape's mistakes are answered only where they end the reading.
func checkJSON(body []byte, schema *huma.Schema, schemas huma.Registry) *problem {
	r := &reading{Decoder: jsontext.NewDecoder(bytes.NewReader(body)), schemas: schemas}
	var known *problem
	switch err := r.value(schema, false); {
	case errors.As(err, &known):
		return known
	case err != nil:
		return unreadable(body, r.Decoder, err)
	}
	if _, err := r.ReadToken(); !errors.Is(err, io.EOF) {
		return problemFor(http.StatusBadRequest, "the body is not one JSON value",
			mistake{"body", "there is something after the value, at byte " + strconv.FormatInt(r.InputOffset(), 10)})
	}
	if r.end {
		p := problemFor(http.StatusUnprocessableEntity, "validation failed", r.wrong...)
		return p.without(r.more)
	}
	return nil
}

// token reads one, and refuses what cannot be kept.
func (r *reading) token() (jsontext.Token, error) {
	token, err := r.ReadToken()
	if err == nil && token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
		err = problemFor(http.StatusUnprocessableEntity, "validation failed",
			mistake{jsonPath(r.Decoder, r.StackPointer()), "the character NUL (\\u0000) cannot be kept"})
	}
	return token, err
}

func (r *reading) add(message string) { r.addAt(r.StackPointer(), message) }

func (r *reading) addAt(at jsontext.Pointer, message string) {
	if len(r.wrong) == maxMistakes {
		r.more++
		r.end = true
		return
	}
	r.wrong = append(r.wrong, mistake{jsonPath(r.Decoder, at), message})
}

// value reads a value and what is in it. Without a schema it may be anything.
func (r *reading) value(schema *huma.Schema, element bool) error {
	for schema != nil && schema.Ref != "" {
		schema = r.schemas.SchemaFromRef(schema.Ref)
	}
	token, err := r.token()
	if err != nil {
		return err
	}
	kind := token.Kind()
	if message := mistyped(schema, kind, element); message != "" {
		r.add(message)
		schema = nil
	}
	switch kind {
	case '{':
		return r.object(schema)
	case '[':
		return r.array(schema)
	}
	return nil
}

func (r *reading) object(schema *huma.Schema) error {
	for {
		name, err := r.token()
		if err != nil || name.Kind() == '}' {
			return err
		}
		var of *huma.Schema
		if schema != nil {
			known := false
			if of, known = schema.Properties[name.String()]; !known {
				of, _ = schema.AdditionalProperties.(*huma.Schema)
				if more, ok := schema.AdditionalProperties.(bool); ok && !more {
					r.add(validation.MsgUnexpectedProperty)
				}
			}
		}
		if err := r.value(of, false); err != nil {
			return err
		}
	}
}

func (r *reading) array(schema *huma.Schema) error {
	var of *huma.Schema
	if schema != nil {
		of = schema.Items
	}
	here := r.StackPointer()
	for n := 0; r.PeekKind() != ']'; n++ {
		if schema != nil && schema.MaxItems != nil && n == *schema.MaxItems {
			r.end, of = true, nil
			r.addAt(here, fmt.Sprintf(validation.MsgExpectedMaxItems, n))
		}
		before := len(r.wrong) + r.more
		if err := r.value(of, true); err != nil {
			return err
		}
		if schema != nil && schema.UniqueItems && len(r.wrong)+r.more > before {
			r.end = true // huma compares them as keys of a map
		}
	}
	_, err := r.ReadToken()
	return err
}

// mistyped says what a value of the kind should be, empty when it may be that. Null
// stands for what is left out, but in a list.
func mistyped(schema *huma.Schema, kind jsontext.Kind, element bool) string {
	if schema == nil || kind == 'n' && (!element || schema.Nullable) {
		return ""
	}
	switch {
	case schema.Type == huma.TypeObject && kind != '{':
		return validation.MsgExpectedObject
	case schema.Type == huma.TypeArray && kind != '[':
		return validation.MsgExpectedArray
	case schema.Type == huma.TypeString && kind != '"':
		return validation.MsgExpectedString
	case schema.Type == huma.TypeNumber && kind != '0':
		return validation.MsgExpectedNumber
	case schema.Type == huma.TypeInteger && kind != '0':
		return validation.MsgExpectedInteger
	case schema.Type == huma.TypeBoolean && kind != 't' && kind != 'f':
		return validation.MsgExpectedBoolean
	}
	return ""
}

// bodiesOf returns the schemas of what the routes take, by method and path pattern.
func bodiesOf(doc *huma.OpenAPI) map[string]*huma.Schema {
	out := map[string]*huma.Schema{}
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil || op.RequestBody == nil {
				continue
			}
			for _, content := range op.RequestBody.Content {
				out[op.Method+" "+ginPath(path)] = content.Schema
			}
		}
	}
	return out
}
