package e2e_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/smarticks/smarticks/internal/sinks"
)

func TestAnEndpointIsToldWhatHappensAndOfCustomersOutsideOfAnyConversation(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	made := p.call("POST", "/v1/webhooks", object{
		"name": "ERP", "url": p.hooks.URL() + "erp",
		"events": []any{"customer.created", "conversation.created", "conversation.tagged", "workflow.run_finished"},
	})
	secret := made["secret"].(string)
	p.workflow(p.support, object{
		"name": "Refunds", "conditions": []any{any1("subject", "contains", "refund")},
		"actions": []any{object{"do": "add_tags", "tags": []any{"refund"}}},
	})
	p.send("ann@example.com", "support@smarticks.test", "one@example.com", "Refund please", "I want my money back")

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	calls, err := p.hooks.Wait(ctx, func(r []sinks.Request) bool { return len(r) == 4 })
	must(t, err)
	verifier, err := standardwebhooks.NewWebhook(secret)
	must(t, err)
	var told []string
	for _, c := range calls {
		if err := verifier.Verify([]byte(c.Body), c.Header); err != nil || c.Path != "/erp" {
			t.Errorf("%s: %v", c.Path, err)
		}
		var body struct {
			Type string `json:"type"`
			Data struct {
				Customer struct {
					Emails []string `json:"emails"`
				} `json:"customer"`
			} `json:"data"`
		}
		must(t, json.Unmarshal([]byte(c.Body), &body))
		if c.Header.Get("X-Smarticks-Event") != body.Type || !slices.Equal(body.Data.Customer.Emails, []string{"ann@example.com"}) {
			t.Errorf("%v %s", c.Header, c.Body)
		}
		told = append(told, body.Type)
	}
	slices.Sort(told)
	if want := []string{"conversation.created", "conversation.tagged", "customer.created", "workflow.run_finished"}; !slices.Equal(told,
		want) {
		t.Errorf("told %v, want %v", told, want)
	}
	p.eventually("all are told as sent, and nobody rings any more", func() bool {
		return p.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`) == 4 && p.count(`SELECT count(*) FROM outbox`) == 0
	})
}
