package api_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// export reads a table, without its header; by returns the cells of a column.
func (w *world) export(token, query string) (rows [][]string, by func(column string) []string) {
	w.Helper()
	got := w.want(200, token, "GET", "/v1/audit.csv"+query, nil)
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv; charset=utf-8") {
		w.Errorf("the table comes as %q", kind)
	}
	if strings.Count(string(got.body), "\r\n") != strings.Count(string(got.body), "\n") {
		w.Error("a line does not end as RFC 4180 has it")
	}
	all, err := csv.NewReader(strings.NewReader(string(got.body))).ReadAll()
	if err != nil {
		w.Fatal(err)
	}
	return all[1:], func(column string) (cells []string) {
		for _, row := range all[1:] {
			cells = append(cells, row[slices.Index(all[0], column)])
		}
		return cells
	}
}

func TestTheAuditIsExportedWholeAndSafeForSpreadsheets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(`INSERT INTO audit (at, actor_kind, actor_id, verb, object_kind, object_id, after)
		SELECT now(), 'system', '', 'counted', 'test', n::text, '{}' FROM generate_series(1, 1203) n`)
	rows, by := w.export(w.asAdmin, "?verb=counted")
	if ids := by("object_id"); len(rows) != 1203 || ids[0] != "1203" || ids[1202] != "1" ||
		len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 1203 {
		t.Errorf("%d rows", len(rows))
	}
	names := []string{`=1+1`, `+1`, `-1`, `@x`, "\tx", "\nx", `plain, "quoted"`, "ünï ☂", "", `x;=1+1`}
	for _, name := range names {
		w.Exec(`INSERT INTO audit (at, actor_kind, actor_id, verb, object_kind, object_id, token_name) VALUES (now(), 'system', '', 'named',
			'test', 'x', $1)`, name)
	}
	_, by = w.export(w.asAdmin, "?verb=named")
	slices.Reverse(names)
	for i, got := range by("token_name") {
		want := names[i]
		if want != "" && strings.Contains("=+-@\t\n", want[:1]) {
			want = "'" + want
		}
		if got != want {
			t.Errorf("%q is exported as %q", names[i], got)
		}
	}
	// Where a semicolon separates cells, only quotes keep the rest of a cell in it.
	if raw := string(w.want(200, w.asAdmin, "GET", "/v1/audit.csv?verb=named", nil).body); !strings.Contains(raw, `,"x;=1+1",`) {
		t.Errorf("a cell stands without quotes: %s", raw)
	}
	if rows, _ := w.export(w.asAdmin, "?verb=never"); len(rows) != 0 {
		t.Errorf("nothing is %d rows", len(rows))
	}
}

func TestTheAuditIsNarrowedAndShowsManagersTheirMailboxes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, other := w.workflowIn(w.support), w.workflowIn(w.billing)
	made := w.want(201, w.asAdmin, "POST", "/v1/tokens", map[string]any{"user_id": w.admin.ID, "name": "auditor's script"})
	got := w.want(200, made.text(t, "token"), "PATCH", "/v1/workflows/"+mine, `{"mode":"off"}`)
	for query, want := range map[string]string{
		"?token_id=" + made.text(t, "id"):                                "switched off",
		"?request_id=" + got.header.Get("X-Request-Id"):                  "switched off",
		"?verb=switched%20off":                                           "switched off",
		"?object_kind=workflow&mailbox_id=" + string(w.billing.ID):       "switched on published created",
		"?object_id=" + mine + "&to=2020-01-01T00:00:00Z":                "",
		"?object_id=" + other + "&from=2020-01-01T00:00:00Z":             "switched on published created",
		"?object_id=" + mine + "&verb=created&from=2020-01-01T00:00:00Z": "created",
		"?mailbox_id=none":                                               "",
	} {
		if _, by := w.export(w.asAdmin, query); strings.Join(by("verb"), " ") != want {
			t.Errorf("%s: %q, want %q", query, by("verb"), want)
		}
	}
	if _, by := w.export(w.asAdmin, "?verb=switched%20off"); by("token_name")[0] != "auditor's script" || by("actor_name")[0] != "Ada" ||
		by("before")[0] != `{"mode":"on"}` && by("before")[0] != `{"mode": "on"}` {
		t.Errorf("%q by %q was %q", by("token_name"), by("actor_name"), by("before"))
	}
	w.want(422, w.asAdmin, "GET", "/v1/audit.csv?from=yesterday", nil)
	w.want(403, w.asAgent, "GET", "/v1/audit.csv", nil)

	w.want(200, w.asAdmin, "PATCH", "/v1/users/"+string(w.agent.ID), map[string]any{"manage_workflows_in": []any{w.support.ID}})
	if rows, by := w.export(w.asAgent, ""); len(rows) == 0 ||
		slices.ContainsFunc(by("mailbox_id"), func(id string) bool { return id != string(w.support.ID) }) {
		t.Errorf("a manager of one mailbox sees that of %q", by("mailbox_id"))
	}
	if rows, _ := w.export(w.asAgent, "?object_id="+other); len(rows) != 0 {
		t.Error("a manager sees what belongs to another mailbox")
	}
	if list := w.want(200, w.asAgent, "GET", "/v1/audit?object_kind=user", nil); len(list.object(t)["items"].([]any)) != 0 {
		t.Errorf("a manager sees %s", list.body)
	}
}

// breaking is a store whose audit fails after the first page.
type breaking struct {
	api.Store
	pages int
}

func (b *breaking) Audit(ctx context.Context, who access.Caller, f conversation.AuditFilter,
	page conversation.Page) ([]conversation.Audited, error) {
	if b.pages++; b.pages > 1 {
		return nil, errs.New("test", errs.Unavailable, "the database went away")
	}
	return b.Store.Audit(ctx, who, f, page)
}

func TestAnExportThatBreaksIsNotTakenForAWholeOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(`INSERT INTO audit (at, actor_kind, actor_id, verb, object_kind, object_id) SELECT now(), 'system', '', 'counted', 'test',
		n::text FROM generate_series(1, 600) n`)
	server := httptest.NewServer(api.New(api.Config{Store: &breaking{Store: w.Store}, Logger: slog.New(slog.DiscardHandler)}))
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/audit.csv", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.asAdmin)
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Error("the client reads " + fmt.Sprint(strings.Count(string(body), "\n")) + " lines and no error")
	}
}
