#!/usr/bin/env bash
# Ten workflows as the help centres of other products describe them, written from
# docs/workflows.md alone. Each is made, then what should set it off happens.
set -euo pipefail
source "$(dirname "$0")/helpers.sh"

SUPPORT=$(mailbox help)
ADDRESS=help-$STAMP@trial.test
MARIA=$(agent maria "$SUPPORT") NILS=$(agent nils "$SUPPORT")

step "1. VIP customers go to their account manager"
workflow "$SUPPORT" '{"name": "VIP", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "new_conversation"}]}, {"any": [{"field": "customer_email", "op": "ends_with", "value": "@vip.example"}, {"field": "customer_company", "op": "is", "value": "Important Ltd"}]}],
  "actions": [{"do": "add_tags", "tags": ["vip"]}, {"do": "assign", "to": "'"$MARIA"'"}]}' >/dev/null
mail vera@vip.example "$ADDRESS" "About the contract" <<<"May I call you?"
C=$(conversation "$SUPPORT" vera@vip.example)
await 'api "/v1/conversations/$C" | grep -F "\"vip\""'
[ "$(api "/v1/conversations/$C" | first assignee_id)" = "$MARIA" ] && echo "it is Maria's"

step "2. Out-of-office answers are closed"
workflow "$SUPPORT" '{"name": "Out of office", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "is_auto_reply", "op": "is", "value": "yes"}]}, {"any": [{"field": "new_conversation"}, {"field": "customer_replied"}]}],
  "actions": [{"do": "add_tags", "tags": ["out-of-office"]}, {"do": "set_status", "status": "closed"}]}' >/dev/null
mail away@example.com "$ADDRESS" "Out of office" "Auto-Submitted: auto-replied" <<<"I am back on Monday."
C=$(conversation "$SUPPORT" away@example.com)
await 'api "/v1/conversations/$C" | grep -F "\"closed\""'
api "/v1/conversations/$C" | show 'status|tags'

step "3. What the spam filter marked is spam"
workflow "$SUPPORT" '{"name": "Spam", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "new_conversation"}]}, {"any": [{"field": "header.X-Spam-Flag", "op": "is", "value": "yes"}]}],
  "actions": [{"do": "set_status", "status": "spam"}, {"do": "stop"}]}' >/dev/null
mail seller@example.com "$ADDRESS" "Cheap watches" "X-Spam-Flag: YES" <<<"Buy now."
C=$(conversation "$SUPPORT" seller@example.com)
await 'api "/v1/conversations/$C" | grep -F "\"spam\""'
api "/v1/conversations/$C" | show status

step "4. New conversations are handed out in turn, to who is there"
api "/v1/users/$NILS" -X PATCH -d '{"available": false}' | show available
workflow "$SUPPORT" '{"name": "In turn", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "new_conversation"}]}, {"any": [{"field": "subject", "op": "contains", "value": "in turn"}]}],
  "actions": [{"do": "assign", "to": "round_robin", "only_if_available": true}]}' >/dev/null
for n in 1 2; do
  mail "turn$n@example.com" "$ADDRESS" "Please in turn" <<<"Hello."
  C=$(conversation "$SUPPORT" "turn$n@example.com")
  await 'api "/v1/conversations/$C" | grep -F "$MARIA"' && echo "$n: Maria"
done
api "/v1/users/$NILS" -X PATCH -d '{"available": true}' | show available

step "5. Nobody took it for two seconds: everybody is told"
workflow "$SUPPORT" '{"name": "Nobody takes it", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "created", "op": "not_in_the_last", "value": "2s"}]}, {"any": [{"field": "assignee", "op": "is", "value": "unassigned"}]}, {"any": [{"field": "subject", "op": "contains", "value": "hurry"}]}],
  "actions": [{"do": "notify", "to": "all_users", "subject": "Unassigned: {%subject%}", "body": "{%conversation.url%}"}, {"do": "add_tags", "tags": ["unassigned"]}]}' >/dev/null
mail kim@example.com "$ADDRESS" "In a hurry" <<<"Is anybody there?"
C=$(conversation "$SUPPORT" kim@example.com)
await 'api "/v1/conversations/$C" | grep -F "\"unassigned\""'
api "/v1/conversations/$C" | show tags

step "6. Invoices by mail are forwarded to accounting"
workflow "$SUPPORT" '{"name": "Invoices", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "new_conversation"}]}, {"any": [{"field": "subject", "op": "starts_with", "value": "invoice"}]}],
  "actions": [{"do": "forward", "to": ["accounting@example.com"], "body": "For you."}, {"do": "set_status", "status": "closed"}]}' >/dev/null
mail sue@supplier.example "$ADDRESS" "Invoice 2026-12" <<<"Please pay within 30 days."
C=$(conversation "$SUPPORT" sue@supplier.example)
await 'api "/v1/deliveries?conversation_id=$C&kind=forward&state=sent" | grep -F "\"sent\""'
grep -E '^(To|Subject):' "$STATE/sent/$(api "/v1/deliveries?conversation_id=$C&kind=forward" | first id).eml" | tr -d '\r'

step "7. An agent escalates by hand"
ESCALATE=$(workflow "$SUPPORT" '{"name": "Escalate", "type": "manual", "mode": "on",
  "actions": [{"do": "add_tags", "tags": ["escalated"]}, {"do": "assign", "to": "me"}, {"do": "follow", "user": "'"$NILS"'"}, {"do": "note", "body": "{%agent.fullName%} escalated it."}]}')
RUN=$(api "/v1/conversations/$C/runs" -d '{"workflow_id": "'"$ESCALATE"'"}' | first id)
await 'api "/v1/runs/$RUN" | grep -F "\"state\":\"done\",\"asked_by\""'
api "/v1/runs/$RUN" | show words

step "8. What was escalated and is closed gets a survey tag; it looks at earlier conversations, too"
workflow "$SUPPORT" '{"name": "Survey", "type": "automatic", "mode": "on", "apply_to_earlier": true,
  "conditions": [{"any": [{"field": "status_changed", "to": "closed"}]}, {"any": [{"field": "tags", "op": "has_any", "value": "escalated"}]}],
  "actions": [{"do": "add_tags", "tags": ["survey"]}]}' >/dev/null
api "/v1/conversations/$C" -X PATCH -d '{"status": "active"}' | show status
api "/v1/conversations/$C" -X PATCH -d '{"status": "closed"}' | show status
await 'api "/v1/conversations/$C" | grep -F "\"survey\""'
api "/v1/conversations/$C" | show tags

step "9. A bad rating opens it again"
workflow "$SUPPORT" '{"name": "Bad rating", "type": "automatic", "mode": "on", "apply_to_earlier": true,
  "conditions": [{"any": [{"field": "rating", "op": "is", "value": "not_good"}]}],
  "actions": [{"do": "set_status", "status": "active"}, {"do": "notify", "to": ["assignee"], "body": "A bad rating."}]}' >/dev/null
api "/v1/conversations/$C/rating" -d '{"rating": "not_good", "comment": "Too slow."}' | show rating
await 'api "/v1/conversations/$C" | grep -F "\"status\":\"active\""' && echo "active again"

step "10. Outside business hours the customer is told"
api "/v1/mailboxes/$SUPPORT" -X PATCH -d '{"business_hours": {"monday": ["09:00-17:00"], "friday": ["09:00-12:00", "13:00-15:30"], "holidays": ["'"$(date -u +%F)"'"]}}' | show 'monday|friday'
workflow "$SUPPORT" '{"name": "Closed now", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "new_conversation"}]}, {"any": [{"field": "business_hours", "op": "is", "value": "outside"}]}, {"any": [{"field": "subject", "op": "contains", "value": "late"}]}],
  "actions": [{"do": "reply", "body": "We are closed now and answer tomorrow."}, {"do": "add_tags", "tags": ["after-hours"]}]}' >/dev/null
mail lou@example.com "$ADDRESS" "It is late" <<<"Are you there?"
C=$(conversation "$SUPPORT" lou@example.com)
await 'api "/v1/conversations/$C" | grep -F "after-hours"'
api "/v1/conversations/$C" | show tags
