package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxBodyBytes = 1 << 20
	maxKeyLength = 200 // of an Idempotency-Key, in bytes
	onceHeader   = "Idempotency-Key"
	jsonType     = "application/json"
)

// readRequest takes in the query and the whole body before anything is done with
// them: too large (413), JSON that cannot be read in one way only (400), a
// character that the database cannot keep (422). With an Idempotency-Key the
// caller carries a hash of the request, so that the store can tell a repeat from
// another request.
func (s *server) readRequest(c *gin.Context) {
	req := c.Request
	key := req.Method + " " + c.FullPath()
	if r, declared := s.table[key]; !declared || r.raw != nil {
		return // it reads neither
	}
	if err := checkQuery(req.URL.RawQuery); err != nil {
		writeError(c, err)
		return
	}
	if req.Body == nil {
		req.Body = http.NoBody
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, req.Body, maxBodyBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		write(c, problemFor(http.StatusRequestEntityTooLarge, "the body may have at most 1 MiB"))
		return
	case err != nil:
		write(c, problemFor(http.StatusBadRequest, "the body did not arrive in full"))
		return
	}
	if isJSON(req.Header.Get("Content-Type")) && len(body) > 0 {
		if p := checkJSON(body, s.bodies[key], s.describedBy.Components.Schemas); p != nil {
			write(c, p)
			return
		}
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	who := callerFrom(req.Context())
	if key := req.Header.Get(onceHeader); key != "" && req.Method == http.MethodPost && who.User.ID != "" {
		if len(key) > maxKeyLength || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
			writeError(c, invalid("header."+onceHeader, "1 to 200 printable ASCII characters"))
			return
		}
		who.Key, who.RequestHash = key, requestHash(req, body)
		c.Request = req.WithContext(context.WithValue(req.Context(), callerKey{}, who))
	}
}

// checkQuery refuses what could be read in two ways, or not be kept.
func checkQuery(raw string) error {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return problemFor(http.StatusBadRequest, "the query cannot be read")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		switch values := query[name]; {
		case len(values) > 1:
			return invalid("query."+strings.ToValidUTF8(name, "?"), "this stands more than once")
		case !utf8.ValidString(name + values[0]):
			return invalid("query."+strings.ToValidUTF8(name, "?"), "this is not UTF-8")
		case strings.ContainsRune(values[0], 0):
			return invalid("query."+name, "the character NUL cannot be kept")
		}
	}
	return nil
}

// requestHash is the same for the repeats of a request, however long each waits.
func requestHash(req *http.Request, body []byte) []byte {
	h := sha256.New()
	at := *req.URL
	if query := at.Query(); query.Has(waitParameter) {
		query.Del(waitParameter)
		at.RawQuery = query.Encode()
	}
	h.Write([]byte(req.Method + " " + at.RequestURI() + "\n"))
	h.Write(body)
	return h.Sum(nil)
}

func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == jsonType || strings.HasSuffix(media, "+json"))
}

func unreadable(body []byte, d *jsontext.Decoder, err error) *problem {
	at, pointer := d.InputOffset(), d.StackPointer()
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at, pointer = syntax.ByteOffset, syntax.JSONPointer
	}
	message := "this is not JSON"
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		message = "this key stands twice in its object"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		message = "the text ends before the value does"
	case !utf8.Valid(body):
		message = "this is not UTF-8"
	}
	return problemFor(http.StatusBadRequest, "the body cannot be read as JSON",
		mistake{jsonPath(d, pointer), message + ", at byte " + strconv.FormatInt(at, 10)})
}

// jsonPath writes a JSON pointer as body.items[0].name.
func jsonPath(d *jsontext.Decoder, pointer jsontext.Pointer) string {
	var b strings.Builder
	b.WriteString("body")
	depth := 0
	for token := range pointer.Tokens() {
		array := false
		if depth++; depth <= d.StackDepth() {
			kind, _ := d.StackIndex(depth)
			array = kind == '['
		}
		if len(token) > 100 {
			token = strings.ToValidUTF8(token[:100], "") + "…"
		}
		if array {
			b.WriteString("[" + token + "]")
		} else {
			b.WriteString("." + token)
		}
	}
	return b.String()
}

// writeJSON and readJSON are the one format: unknown and repeated keys and broken UTF-8
// are errors, and what we write has no null for an empty list.
func writeJSON(w io.Writer, v any) error {
	err := json.MarshalWrite(w, v, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err == nil {
		_, err = w.Write([]byte("\n"))
	}
	return err
}

func readJSON(data []byte, v any) error {
	err := json.Unmarshal(data, v, json.RejectUnknownMembers(true))
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return errors.New("the value at " + cmp.Or(string(semantic.JSONPointer), "the top") + " cannot be read") // without Go's words
	}
	return err
}
