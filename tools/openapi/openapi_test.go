package openapi

import (
	"bufio"
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

// user calls the product by the generated client, and reads what it answers.
const user = `package client

import (
	"context"
	"net/http"
	"os"
	"testing"
)

func TestTheClientCallsTheProduct(t *testing.T) {
	ctx := context.Background()
	c, err := NewClientWithResponses(os.Getenv("PRODUCT_URL"), WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+os.Getenv("PRODUCT_TOKEN"))
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	mailbox, err := c.PostMailboxesWithResponse(ctx, PostMailboxesJSONRequestBody{Name: "Generated", Email: "generated@example.com"})
	if err != nil || mailbox.JSON201 == nil {
		t.Fatalf("a mailbox: %v, %s", err, mailbox.Body)
	}
	address, subject := "generated@example.com", "Where is my parcel?"
	customer, body := "ann@example.com", "I wait."
	made, err := c.PostConversationsWithResponse(ctx, PostConversationsJSONRequestBody{
		Mailbox: &address, Customer: &CustomerStruct{Email: &customer}, Subject: &subject, Body: &body,
	})
	if err != nil || made.JSON201 == nil {
		t.Fatalf("a conversation: %v, %s", err, made.Body)
	}
	words := "parcel"
	found, err := c.GetConversationsWithResponse(ctx, &GetConversationsParams{Q: &words})
	if err != nil || found.JSON200 == nil || found.JSON200.Items == nil || len(*found.JSON200.Items) != 1 {
		t.Fatalf("a search: %v, %s", err, found.Body)
	}
	if it := (*found.JSON200.Items)[0]; it.Id != made.JSON201.Id || it.Subject != subject {
		t.Fatalf("the search found %+v", it)
	}
	none, err := c.GetConversationsByIdWithResponse(ctx, mailbox.JSON201.Id)
	if err != nil || none.ApplicationproblemJSONDefault == nil || none.StatusCode() != http.StatusNotFound {
		t.Fatalf("what is not there: %v, %s", err, none.Body)
	}
}
`

// serve starts the product on ports of its own, and ends it with the test.
func serve(t *testing.T) (url, token string) {
	t.Helper()
	state, err := os.MkdirTemp("", "smarticks-openapi-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(state) })
	binary := filepath.Join(state, "smarticks")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, "./cmd/smarticks")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// The account that runs Postgres must get in.
	if err := os.Chmod(state, 0o755); err != nil { //nolint:gosec // see above
		t.Fatal(err)
	}
	up := exec.Command(binary, "up", "--no-demo") //nolint:noctx // it is interrupted, not killed: see the cleanup
	up.Dir = "../.."
	up.Env = append(os.Environ(), "SMARTICKS_STATE_DIR="+state, "SMARTICKS_HTTP_ADDR=127.0.0.1:0", "SMARTICKS_SMTP_ADDR=127.0.0.1:0",
		"SMARTICKS_UP_SINK_PORT=0", "SMARTICKS_UP_TEMPORAL_PORT=0", "SMARTICKS_UP_UI_PORT=0")
	out, err := up.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	up.Stderr = up.Stdout
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	t.Cleanup(func() {
		_ = up.Process.Signal(os.Interrupt)
		for said.Scan() { // to its end
		}
		_ = up.Wait()
	})
	for said.Scan() {
		words := strings.Fields(said.Text())
		switch {
		case len(words) == 2 && words[0] == "API":
			url = strings.TrimSuffix(words[1], "/v1")
		case len(words) > 2 && words[0] == "Admin" && words[1] == "token":
			token = words[2]
		case strings.HasPrefix(said.Text(), "Serving."):
			return url, token
		}
	}
	t.Fatal("the product did not come to serve")
	return "", ""
}

// TestAGeneratedClientCompilesAndCalls makes a client out of the document, in a
// directory of this module, by whose dependencies it is built.
func TestAGeneratedClientCompilesAndCalls(t *testing.T) {
	t.Parallel()
	url, token := serve(t)
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
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Env = append(os.Environ(), "PRODUCT_URL="+url, "PRODUCT_TOKEN="+token)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
