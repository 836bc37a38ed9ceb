#!/usr/bin/env bash
# "The parts are out of stock": an agent looks for what she may run, looks what it
# would do, confirms, and runs it on several conversations at once.
set -euo pipefail
source "$(dirname "$0")/helpers.sh"

step "A mailbox with two manual workflows; Maria works there"
SUPPORT=$(mailbox parts)
BILLING=$(mailbox billing)
MARIA=$(agent maria "$SUPPORT")
STOCK=$(workflow "$SUPPORT" '{"name": "Out of stock", "type": "manual", "mode": "on", "notes": "Until the delivery of May.",
  "actions": [{"do": "reply", "as": "agent", "body": "Hello {%customer.firstName,fallback=there%}, this is out of stock until May. {%user.fullName%}"},
    {"do": "add_tags", "tags": ["out of stock"]}, {"do": "set_status", "status": "pending"}]}')
workflow "$SUPPORT" '{"name": "I take it", "type": "manual", "mode": "on", "actions": [{"do": "assign", "to": "me"}]}' >/dev/null
workflow "$SUPPORT" '{"name": "Stock list", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "tag_added", "value": "out of stock"}]}], "actions": [{"do": "note", "body": "Tell them when it is there."}]}' >/dev/null

step "Three customers ask for the same part"
for who in ann ben cora; do
  mail "$who.$STAMP@example.com" "parts-$STAMP@trial.test" "The part of $who" <<<"When does it come?"
done
ANN=$(conversation "$SUPPORT" "ann.$STAMP@example.com")
BEN=$(conversation "$SUPPORT" "ben.$STAMP@example.com")
CORA=$(conversation "$SUPPORT" "cora.$STAMP@example.com")
mail "dan.$STAMP@example.com" "billing-$STAMP@trial.test" "A bill" <<<"Of somebody else."
DAN=$(conversation "$BILLING" "dan.$STAMP@example.com")
TOKEN=$(api /v1/tokens -d '{"user_id": "'"$MARIA"'", "name": "Maria"}' | first token)

step "What may Maria run here?"
api "/v1/conversations/$ANN/manual-workflows" | show 'name|notes|sentence|needs_confirmation|reach'

step "What would it do?"
api "/v1/conversations/$ANN/runs/preview" -d '{"workflow_id": "'"$STOCK"'"}' | show 'state|changes|to|subject|text|sentence'

step "And on all of them? One is not hers, one is not there"
MANY='"conversation_ids": ["'"$ANN"'", "'"$BEN"'", "'"$CORA"'", "'"$DAN"'", "'"$STOCK"'"]'
api "/v1/workflows/$STOCK/run/preview" -d "{$MANY}" | show 'outcome|text|detail'

step "It writes to customers: it must be confirmed"
api "/v1/workflows/$STOCK/run" -d "{$MANY}" | show 'type|status|detail|location|message' || true
api "/v1/conversations/$ANN/runs" | show items

step "She confirms, and waits for the end; her browser sends it twice"
for _ in once again; do
  api "/v1/workflows/$STOCK/run?wait=30s" -H "Idempotency-Key: $STAMP" -d "{$MANY, \"confirmed\": true}" | show 'outcome|state|words|detail'
done

step "Each customer has one answer, by Maria"
for id in "$ANN" "$BEN" "$CORA"; do
  await "api '/v1/deliveries?conversation_id=$id&state=sent' | grep -F '\"sent\"'"
  api "/v1/deliveries?conversation_id=$id" | show 'kind|state'
  grep -E '^(From|To|Auto-Submitted):' "$STATE/sent/$(api "/v1/deliveries?conversation_id=$id" | first id).eml" | tr -d '\r'
  api "/v1/conversations/$id" | show 'status|tags|waiting_since'
done

step "The timeline says who did what"
api "/v1/conversations/$ANN/timeline" | grep -oE '"sentence":"(maria|The workflow)[^"]*"'
