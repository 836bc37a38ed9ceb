package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/files"
	"github.com/smarticks/smarticks/internal/pgtest"
)

// house is a server with what the rich set names.
type house struct {
	*client.Client
	t   testing.TB
	dsn string
	box map[string]string // mailbox ids by address
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dsn: pgtest.New(t), box: map[string]string{}}
	url, token := serve(t, h.dsn)
	var err error
	if h.Client, err = client.New(client.Options{URL: url, Token: token}); err != nil {
		t.Fatal(err)
	}
	hours := map[string]any{"monday": []string{"09:00-17:00"}}
	for _, m := range []string{"support@example.com", "billing@example.com"} {
		h.box[m] = h.make("/v1/mailboxes", map[string]any{"name": m, "email": m, "business_hours": hours})
	}
	support := h.box["support@example.com"]
	for _, u := range []string{"maria@example.com", "tom@example.com"} {
		h.make("/v1/users", map[string]any{"name": u, "email": u, "role": "agent",
			"mailbox_ids": []string{support, h.box["billing@example.com"]}})
	}
	h.make("/v1/fields", map[string]any{"mailbox_id": support, "name": "Plan", "label": "Plan", "type": "dropdown",
		"options": []string{"Gold", "Silver"}})
	h.make("/v1/fields", map[string]any{"mailbox_id": support, "name": "Seats", "label": "Seats", "type": "number"})
	h.make("/v1/folders", map[string]any{"mailbox_id": support, "name": "Urgent", "status": []string{"active"}})
	h.make("/v1/webhooks", map[string]any{"name": "ERP", "url": "https://erp.example/x"})
	return h
}

func (h *house) make(path string, body any) string {
	h.t.Helper()
	var made struct{ ID string }
	if err := h.Do(h.t.Context(), "POST", path, body, &made); err != nil {
		h.t.Fatal(err)
	}
	return made.ID
}

// apply makes the server what the files say, and returns how many steps that took.
func (h *house) apply(sources ...files.Source) (steps int) {
	h.t.Helper()
	set, err := files.Read(sources)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, m := range set.Mailboxes {
		p, err := h.Apply(h.t.Context(), h.box[m.Address], client.Wanted{Workflows: m.Trees()})
		if err != nil {
			h.t.Fatal(err)
		}
		steps += len(p.Steps)
		if p.Reorder != nil {
			steps++
		}
	}
	return steps
}

// export writes each mailbox as a file.
func (h *house) export() []files.Source {
	h.t.Helper()
	var out []files.Source
	for _, address := range []string{"billing@example.com", "support@example.com"} {
		w, err := h.Export(h.t.Context(), h.box[address])
		if err != nil {
			h.t.Fatal(err)
		}
		text, err := files.Write(address, w.Workflows)
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, files.Source{Name: address + ".yaml", Text: text})
	}
	return out
}

// TestWorkflowsComeThroughFilesUnharmed sets up a rich set, exports it, applies it
// in an empty house where everything has other ids, and exports it again: the same
// bytes. What is applied again changes nothing.
func TestWorkflowsComeThroughFilesUnharmed(t *testing.T) {
	t.Parallel()
	var rich []files.Source
	for _, name := range []string{"billing.yaml", "support.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata/rich", name))
		if err != nil {
			t.Fatal(err)
		}
		rich = append(rich, files.Source{Name: name, Text: text})
	}
	first := newHouse(t)
	if n := first.apply(rich...); n != 5 {
		t.Errorf("%d steps, want 5", n)
	}
	exported := first.export()
	second := newHouse(t)
	second.apply(exported...)
	again := second.export()
	for i := range exported {
		if !bytes.Equal(exported[i].Text, again[i].Text) {
			t.Errorf("%s\nbecame\n%s", exported[i].Text, again[i].Text)
		}
	}
	for _, h := range []*house{first, second} {
		before := pgtest.Counts(t, h.dsn)
		if n := h.apply(exported...) + h.apply(rich...); n != 0 {
			t.Errorf("%d steps, want none", n)
		}
		if after := pgtest.Counts(t, h.dsn); after != before {
			t.Errorf("what has nothing to do wrote something: %s, then %s", before, after)
		}
	}
}

// many returns a file of n workflows of the mailbox.
func many(n int) files.Source {
	var b bytes.Buffer
	b.WriteString("mailbox: support@example.com\nworkflows:\n")
	for i := range n {
		fmt.Fprintf(&b, `  - name: Rule %d
    type: automatic
    conditions:
      - any: [{field: subject, op: contains, value: word%d}, {field: body, op: contains, value: other%d}]
      - any: [{field: status, op: is, value: active}]
    actions: [{do: add_tags, tags: [tag%d]}, {do: assign, to: maria@example.com}, {do: note, body: 'Seen by rule %d.'}]
`, i, i, i, i, i)
	}
	return files.Source{Name: "many.yaml", Text: b.Bytes()}
}

// BenchmarkPlan plans a mailbox with 500 workflows, of which one changed: reading
// the file, the request, and the checks of the whole set. new is the same for a
// mailbox that has none yet.
func BenchmarkPlan(b *testing.B) {
	h := newHouse(b)
	plan := func(b *testing.B, source files.Source, steps int) {
		for b.Loop() {
			set, err := files.Read([]files.Source{source})
			if err != nil {
				b.Fatal(err)
			}
			p, err := h.Plan(b.Context(), h.box["support@example.com"], client.Wanted{Workflows: set.Mailboxes[0].Trees()})
			if err != nil || len(p.Steps) != steps {
				b.Fatalf("%d steps, %v", len(p.Steps), err)
			}
		}
	}
	b.Run("new", func(b *testing.B) { plan(b, many(500), 500) })
	h.apply(many(500))
	changed := many(500)
	changed.Text = bytes.Replace(changed.Text, []byte("word77}"), []byte("word77s}"), 1)
	b.Run("one changed", func(b *testing.B) { plan(b, changed, 1) })
	b.Run("nothing", func(b *testing.B) { plan(b, many(500), 0) })
}
