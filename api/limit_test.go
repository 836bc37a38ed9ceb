package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/smarticks/smarticks/api"
)

func TestABucketIsFilledAsTimeGoes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	take := api.Bucket(api.Limit{PerSecond: 2, Burst: 3}, 2)
	for i := range 3 {
		if wait := take("a", now); wait != 0 {
			t.Fatalf("request %d waits %v", i, wait)
		}
	}
	for range 3 { // what is refused takes nothing
		if wait := take("a", now); wait != 500*time.Millisecond {
			t.Fatalf("the fourth waits %v, want half a second", wait)
		}
	}
	if wait := take("b", now); wait != 0 {
		t.Errorf("another caller waits %v", wait)
	}
	if wait := take("a", now.Add(500*time.Millisecond)); wait != 0 {
		t.Errorf("after its wait: %v", wait)
	}
	if wait := take("a", now.Add(500*time.Millisecond)); wait == 0 {
		t.Error("one is filled in, and two are given")
	}
	// Who asks all the time is not forgotten, however many others come; who does not, is.
	now = now.Add(time.Second / 2)
	for i := range 20 {
		take(fmt.Sprint("c", i), now)
		if take("a", now) == 0 {
			t.Fatalf("forgotten after %d others", i)
		}
	}
	off := api.Bucket(api.Limit{}, 2)
	for range 1000 {
		if off("a", now) != 0 {
			t.Fatal("without a limit it waits")
		}
	}
}

func TestWhoAsksTooOftenIsToldToWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// So slow that no machine sees a bucket filled.
	h := api.New(api.Config{Store: w.Store, Limit: api.Limit{PerSecond: 0.0001, Burst: 3}})
	const here, there = "192.0.2.7:4000", "192.0.2.8:4000"
	bearer := func(token string) []string { return []string{"Authorization", "Bearer " + token} }
	get := func(status int, path, from string, header ...string) {
		t.Helper()
		rec := ask(h, http.MethodGet, path, "", from, header...)
		if rec.Code != status {
			t.Errorf("GET %s from %s: %d, want %d: %s", path, from, rec.Code, status, rec.Body)
		}
		if rec.Code == 429 && (rec.Header().Get("Retry-After") == "" || rec.Header().Get("Content-Type") != "application/problem+json") {
			t.Errorf("429 with %v", rec.Header())
		}
	}
	for range 3 {
		get(200, "/v1/me", here, bearer(w.asAgent)...)
	}
	get(429, "/v1/me", here, bearer(w.asAgent)...)
	get(429, "/v1/me", there, bearer(w.asAgent)...) // wherever it comes from
	get(200, "/v1/me", here, bearer(w.asAdmin)...)  // each for himself

	// With neither token nor session, by the address; who has one is not held up by it.
	get(401, "/v1/me", here)
	get(401, "/v1/me", here, bearer("nonsense")...)
	get(200, "/docs", here)
	get(429, "/v1/me", here)
	get(429, "/openapi.json", here)
	if rec := ask(h, "POST", "/v1/sessions", `{"email":"x","password":"x"}`, here); rec.Code != 429 {
		t.Errorf("a login: %d", rec.Code)
	}
	get(401, "/v1/me", there)
	get(200, "/v1/me", here, bearer(w.asAdmin)...)
	for range 10 {
		get(200, "/healthz", here)
	}

	// A session has a bucket of its own, once it is known: at an address that asked too
	// often nobody looks whose an unknown one is.
	b := w.enter(w.agent)
	get(429, "/v1/me", here, "Cookie", b.cookie)
	get(200, "/v1/me", "192.0.2.9:4000", "Cookie", b.cookie)
	for range 2 {
		get(200, "/v1/me", here, "Cookie", b.cookie)
	}
	get(429, "/v1/me", here, "Cookie", b.cookie)
}
