package sinks_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/internal/sinks"
)

func post(ctx context.Context, w *sinks.Webhook, id string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL()+"hook", strings.NewReader(`{"a":1}`))
	if err != nil {
		return 0, err
	}
	req.Header.Set("webhook-id", id)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

func TestWebhookRecordsAndAnswersAsPlanned(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "webhooks")
	w, err := sinks.StartWebhook("127.0.0.1:0", dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Plan(sinks.Answer{Status: 503}, 1)
	for _, want := range []int{503, 204} {
		if got, err := post(t.Context(), w, "msg_1"); err != nil || got != want {
			t.Errorf("status %d, %v, want %d", got, err, want)
		}
	}
	got := w.Requests()
	if len(got) != 2 || got[0].Body != `{"a":1}` || got[0].Path != "/hook" || got[0].Header.Get("webhook-id") != "msg_1" {
		t.Fatalf("requests: %+v", got)
	}
	if files := names(t, dir); files != "msg_1.2.json msg_1.json" {
		t.Errorf("files: %s", files)
	}
}

func TestWebhookHangsUntilClosed(t *testing.T) {
	t.Parallel()
	w, err := sinks.StartWebhook("127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	w.Plan(sinks.Answer{Hang: true}, 1)
	ended := make(chan error, 1)
	go func() {
		_, err := post(context.WithoutCancel(t.Context()), w, "msg_1")
		ended <- err
	}()
	if _, err := w.Wait(t.Context(), func(all []sinks.Request) bool { return len(all) == 1 }); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		t.Fatalf("answered before the sink was closed: %v", err)
	default:
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Fatal("the sender got an answer")
	}
}
