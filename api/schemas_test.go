package api_test

import (
	"strings"
	"testing"
)

func TestTheSchemaOfWorkflowFilesIsServedToEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.want(200, "", "GET", "/schemas/workflows.json", nil)
	if got := r.header.Get("Content-Type"); got != "application/schema+json" || !strings.Contains(r.text(t, "$schema"), "2020-12") {
		t.Errorf("%s: %.200s", got, r.body)
	}
}
