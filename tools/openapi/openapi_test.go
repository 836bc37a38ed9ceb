package openapi

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
)

// document is what the product prints of its API.
func document(t *testing.T, flags ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "-buildvcs=false", "./cmd/smarticks", "openapi"}, flags...)...)
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheDocumentIsOpenAPI(t *testing.T) {
	t.Parallel()
	doc, err := libopenapi.NewDocument(document(t))
	if err != nil {
		t.Fatal(err)
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	if n := model.Model.Paths.PathItems.Len(); n < 60 {
		t.Errorf("only %d paths were read", n)
	}
}

// user calls the generated client: what it sends and reads is what it says.
const user = `package client

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTheClientCalls(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/v1/conversations" || r.URL.Query().Get("q") != "parcel" {
			t.Errorf("it asked for %s %s", r.Method, r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{\"items\":[],\"next_cursor\":null}"))
	}))
	defer server.Close()
	c, err := NewClientWithResponses(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	words := "parcel"
	r, err := c.GetConversationsWithResponse(context.Background(), &GetConversationsParams{Q: &words})
	if err != nil || r.JSON200 == nil {
		t.Fatalf("%v, %+v", err, r)
	}
}
`

// TestAGeneratedClientCompilesAndCalls makes a client out of the document, in a
// directory of this module, by whose dependencies it is built.
func TestAGeneratedClientCompilesAndCalls(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp(".", "generated")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	spec, client := filepath.Join(t.TempDir(), "openapi.json"), filepath.Join(dir, "client.go")
	for path, text := range map[string][]byte{spec: document(t, "--3.0"), filepath.Join(dir, "client_test.go"): []byte(user)} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"tool", "oapi-codegen", "-generate", "types,client", "-package", "client", "-o", client, spec},
		{"vet", "./" + dir}, {"test", "./" + dir},
	} {
		if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
