package e2e_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/cmd/smarticks/demo"
	"github.com/smarticks/smarticks/internal/sinks"
)

func TestAMailIsTaggedAnsweredAndReportedWithItsReasons(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	workflow := p.workflow(p.support, object{
		"name": "Refunds", "conditions": []any{any1("subject", "contains", "refund"), any1("status", "is", "active")},
		"actions": []any{
			object{"do": "add_tags", "tags": []any{"refund"}},
			object{"do": "reply", "body": "Hello {%customer.firstName,fallback=there%}, we have your request #{%conversation.number%}."},
			object{"do": "webhook", "url": p.hooks.URL() + "refunds", "event": "refund.requested",
				"body": object{"number": "{%conversation.number%}"}},
		},
	})
	p.send("ann@example.com", "support@smarticks.test", "one@example.com", "Refund please", "I want my money back")

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	sent, err := p.sent.Wait(ctx, func(m []sinks.SentMail) bool { return len(m) == 1 })
	must(t, err)
	raw, err := sent[0].Read()
	must(t, err)
	for _, want := range []string{
		"\r\nTo: ann@example.com\r\n", "\r\nIn-Reply-To: <one@example.com>\r\n", "\r\nReferences: <one@example.com>\r\n",
		"\r\nAuto-Submitted: auto-replied\r\n", "\r\nMessage-ID: <" + sent[0].ID + "@smarticks.test>\r\n", "Subject: Re: Refund please\r\n",
		"Hello there, we have your request #1.", "> I want my money back",
	} {
		if !strings.Contains("\r\n"+string(raw), want) {
			t.Errorf("the reply lacks %q:\n%s", want, raw)
		}
	}
	if sent[0].From != "" || !slices.Equal(sent[0].To, []string{"ann@example.com"}) {
		t.Errorf("envelope %q to %v: want the null sender (RFC 3834)", sent[0].From, sent[0].To)
	}

	calls, err := p.hooks.Wait(ctx, func(r []sinks.Request) bool { return len(r) == 1 })
	must(t, err)
	secret := p.call("GET", "/v1/mailboxes/"+p.support, nil)["secret"].(string)
	if !signed(secret, calls[0]) || calls[0].Body != `{"number":"1"}` {
		t.Errorf("webhook %v %s: signature does not verify, or the body is another", calls[0].Header, calls[0].Body)
	}
	if signed("whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 32)), calls[0]) {
		t.Error("the signature verifies with any secret")
	}

	id := p.conversationOf("one@example.com")
	p.eventually("both deliveries are told as sent", func() bool {
		return p.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`) == 2
	})
	timeline := text(t, p.call("GET", "/v1/conversations/"+id+"/timeline", nil))
	for _, want := range []string{"the subject contains \\\"refund\\\"", "Refund please", "add the tag \\\"refund\\\"", "Refunds"} {
		if !strings.Contains(timeline, want) {
			t.Errorf("the timeline lacks %s:\n%s", want, timeline)
		}
	}
	why := text(t, p.call("GET", "/v1/conversations/"+id+"/explain?workflow_id="+workflow, nil))
	if !strings.Contains(why, "Refund please") {
		t.Errorf("explain: %s", why)
	}
}

// signed verifies a request by Standard Webhooks 1.0.0, written a second time.
func signed(secret string, r sinks.Request) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "."))
	mac.Write([]byte(r.Body))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return slices.Contains(strings.Fields(r.Header.Get("webhook-signature")), want)
}

func TestTheFourExamplesComeTrue(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	var out strings.Builder
	cfg := demo.Config{
		API: p.api, Token: p.token, SMTP: p.smtp, WebhookURL: p.hooks.URL(), SentDir: t.TempDir(), Scale: 40000, Seed: "e2e", Out: &out,
	}
	must(t, demo.Run(t.Context(), cfg))
	// One conversation gets the refund reply and later the overdue notice.
	ann := p.call("GET", "/v1/conversations?customer="+url.QueryEscape("ann@example.com"), nil)["items"].([]any)[0].(object)
	p.eventually("the refund request is overdue too", func() bool {
		tags := p.call("GET", "/v1/conversations/"+ann["id"].(string), nil)["tags"].([]any)
		return slices.Contains(tags, any("refund")) && slices.Contains(tags, any("overdue"))
	})
	before := p.count(`SELECT count(*) FROM events`) + p.count(`SELECT count(*) FROM runs`)
	must(t, demo.Run(t.Context(), cfg))
	if after := p.count(`SELECT count(*) FROM events`) + p.count(`SELECT count(*) FROM runs`); after != before {
		t.Errorf("a second demo made %d events and runs:\n%s", after-before, out.String())
	}
}

func TestAManualRunIsAskedForByTheAPIAndDone(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	manual := p.workflow(p.support, object{"name": "Escalate", "type": "manual",
		"actions": []any{object{"do": "add_tags", "tags": []any{"escalated"}}}})
	p.send("ann@example.com", "support@smarticks.test", "one@example.com", "Hello", "Hello")
	id := p.conversationOf("one@example.com")
	p.settled(id) // else the mail's own wake may take the manual run along
	status, run := p.try("POST", "/v1/conversations/"+id+"/runs", object{"workflow_id": manual})
	if status != http.StatusAccepted {
		t.Fatalf("answered %d: %v", status, run)
	}
	p.eventually("the run is done", func() bool {
		return p.call("GET", "/v1/runs/"+run["id"].(string), nil)["state"] == "done"
	})
	if tags := p.call("GET", "/v1/conversations/"+id, nil)["tags"]; !slices.Contains(tags.([]any), any("escalated")) {
		t.Errorf("tags %v", tags)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	history := p.client.GetWorkflowHistory(ctx, "conversation/"+id, "", false, 0)
	for manualSignals := 0; ; {
		if !history.HasNext() {
			if manualSignals == 0 {
				t.Error("ops cannot tell the manual run's signal from others")
			}
			return
		}
		event, err := history.Next()
		must(t, err)
		if event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == "manual-run" {
			manualSignals++
		}
	}
}

func text(t *testing.T, o object) string {
	t.Helper()
	raw, err := jsonText(o)
	must(t, err)
	return raw
}
