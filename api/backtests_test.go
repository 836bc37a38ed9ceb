package api_test

import "testing"

// A request that is sent twice with one key begins one backtest; both are told of it.
func TestABacktestIsBegunOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path, id := w.workflow(edited(t, refund, `{"name": "tested", "mode": "on"}`))
	first := w.want(202, w.asAdmin, "POST", path+"/backtest", `{"days": 7}`, "Idempotency-Key", "again")
	again := w.want(202, w.asAdmin, "POST", path+"/backtest", `{"days": 7}`, "Idempotency-Key", "again")
	if first.text(t, "id") != again.text(t, "id") || first.text(t, "workflow_id") != id || first.text(t, "state") != "running" ||
		first.field(t, "version") != 0.0 {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	w.want(409, w.asAdmin, "POST", path+"/backtest", `{"days": 7}`)
	w.want(409, w.asAdmin, "POST", path+"/backtest", `{"days": 8}`, "Idempotency-Key", "again")
	w.want(403, w.asAgent, "POST", path+"/backtest", `{}`)
	w.want(200, w.asAdmin, "POST", "/v1/backtests/"+first.text(t, "id")+"/cancel", nil)
	list := w.want(200, w.asAgent, "GET", path+"/backtests", nil)
	if list.text(t, "items", 0, "state") != "cancelled" {
		t.Errorf("%s", list.body)
	}
	w.want(422, w.asAdmin, "POST", path+"/backtest", `{"days": 91}`)
	w.want(404, w.asAdmin, "POST", path+"/backtest", `{"version": 9}`)
}
