package api

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/smarticks/smarticks/automation"
)

//go:embed docs.html
var docsPage string

//go:embed docs.js
var docsScript string

const apiDescription = `Everything about mailboxes, conversations and the workflows that act on them.

Send a token as "Authorization: Bearer TOKEN" or "X-Smarticks-API-Key: TOKEN", or log in with POST /v1/sessions. Lists answer {"items":
[...], "next_cursor": ...} and take limit and cursor. POSTs that make something take an Idempotency-Key: a repeat with the same key and
body answers what the first one made; with another body it is refused. JSON that cannot be read in one way only (syntax, repeated key,
broken UTF-8) is 400, JSON that is read and wrong is 422; both say where. Every error is a problem of RFC 9457.`

// describe returns the OpenAPI document.
func describe(doc *huma.OpenAPI) []byte {
	out, err := json.Marshal(doc)
	if err != nil {
		panic(err) // the document is made of our own types
	}
	return out
}

// Document returns the OpenAPI document of the version: as 3.1, or written as 3.0.3
// for readers that know no newer one.
func Document(version string, older bool) ([]byte, error) {
	_, s := build(Config{Version: version})
	if older {
		withoutCases(s.describedBy.Components.Schemas)
		return s.describedBy.Downgrade()
	}
	return s.openAPI(), nil
}

func (s *server) openAPIDocument(c *gin.Context) {
	c.Data(http.StatusOK, "application/openapi+json", s.openAPI())
}

// docs serves a page that shows /openapi.json. It loads nothing from elsewhere
// and may run its own script only.
func (s *server) docs(c *gin.Context) {
	sum := sha256.Sum256([]byte(docsScript))
	c.Header("Content-Security-Policy", "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "+
		"form-action 'none'; frame-ancestors 'none'; script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	page := strings.Replace(docsPage, "{{script}}", docsScript, 1)
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(page))
}

// workflowSchema serves the JSON Schema of workflow files.
func (s *server) workflowSchema(c *gin.Context) {
	text, err := json.MarshalIndent(automation.Schema(), "", " ")
	if err != nil {
		panic(err) // texts, numbers and lists always encode
	}
	c.Data(http.StatusOK, "application/schema+json", append(text, '\n'))
}
