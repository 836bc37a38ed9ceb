package api_test

import "testing"

func TestRetentionIsASettingAndTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.want(200, w.asAdmin, "GET", "/v1/settings", nil); got.field(t, "keep_audit_days") != 0.0 ||
		got.field(t, "keep_raw_mails_days") != 0.0 {
		t.Errorf("by itself %s", got.body)
	}
	w.want(422, w.asAdmin, "PATCH", "/v1/settings", `{"keep_audit_days":29}`)
	w.want(422, w.asAdmin, "PATCH", "/v1/settings", `{"keep_explanations_days":6}`)
	w.want(200, w.asAdmin, "PATCH", "/v1/settings", `{"keep_audit_days":30,"keep_raw_mails_days":7}`)
	if got := w.want(200, w.asAdmin, "PATCH", "/v1/settings", `{"rollout_rate":100}`); got.field(t, "keep_audit_days") != 30.0 ||
		got.field(t, "keep_raw_mails_days") != 7.0 {
		t.Errorf("after another change %s", got.body)
	}
	got := w.want(200, w.asAdmin, "GET", "/v1/retention", nil)
	for i, want := range []struct {
		kind string
		days float64
	}{{"attempts", 0}, {"audit", 30}, {"explanations", 0}, {"raw_mails", 7}} {
		if got.text(t, "items", i, "kind") != want.kind || got.field(t, "items", i, "days") != want.days ||
			got.field(t, "items", i, "removed_at") != nil {
			t.Errorf("%d is %v in %s", i, want, got.body)
		}
	}
	w.want(403, w.asAgent, "GET", "/v1/retention", nil)
	w.want(200, w.asAdmin, "PATCH", "/v1/settings", `{"keep_audit_days":0}`)
	changes := w.want(200, w.asAdmin, "GET", "/v1/audit?object_kind=settings&limit=1", nil)
	if changes.field(t, "items", 0, "before", "retention", "audit") != 30.0 {
		t.Errorf("the audit has %s", changes.body)
	}
}
