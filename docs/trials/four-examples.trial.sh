#!/usr/bin/env bash
# The four things that everybody wants first, written from docs/workflows.md: refund
# requests are tagged and tracked, ageing conversations are told, silence is
# followed up, and conversations go from one mailbox to another. Days are seconds here.
set -euo pipefail
source "$(dirname "$0")/helpers.sh"

step "Two mailboxes, two agents"
SUPPORT=$(mailbox support) BILLING=$(mailbox billing)
ADDRESS=support-$STAMP@trial.test
MARIA=$(agent maria "$SUPPORT") BEA=$(agent bea "$SUPPORT" "$BILLING")
api "/v1/users/$BEA" | show 'name|role|available'

step "A refund request is tagged, answered and left to whoever is free"
REFUND=$(workflow "$SUPPORT" '{"name": "Refund requests", "type": "automatic", "mode": "on",
  "conditions": [
    {"any": [{"field": "subject", "op": "contains", "value": "refund"}, {"field": "body", "op": "matches", "value": "/money\\s+back/i"}]},
    {"any": [{"field": "status", "op": "is", "value": "active"}]}],
  "actions": [
    {"do": "add_tags", "tags": ["refund"]},
    {"do": "assign", "to": "unassigned"},
    {"do": "reply", "body": "Hello {%customer.firstName,fallback=there%}, we have your request #{%conversation.number%}."}]}')
mail ann@example.com "$ADDRESS" "About my order" <<<"It broke. I want my money back."
ANN=$(conversation "$SUPPORT" ann@example.com)
await 'api "/v1/conversations/$ANN" | grep -F "\"refund\""'
api "/v1/conversations/$ANN" | show 'subject|status|tags'
api "/v1/conversations/$ANN/explain?workflow_id=$REFUND" | show 'answer'
REPLY='api "/v1/deliveries?conversation_id=$ANN&kind=reply"'
await "$REPLY | grep -F '\"sent\"'"
grep -E '^(To|Subject|In-Reply-To|Auto-Submitted):' "$STATE/sent/$(eval "$REPLY" | first id).eml" | sed 's/<.*@/<ID@/' | tr -d '\r'

step "A customer who waits too long is told to everybody"
workflow "$SUPPORT" '{"name": "Ageing conversations", "type": "automatic", "mode": "on", "max_runs": 20,
  "conditions": [{"any": [{"field": "waiting_since", "op": "longer_than", "value": "2s"}]}, {"any": [{"field": "subject", "op": "contains", "value": "glasses"}]}],
  "actions": [
    {"do": "add_tags", "tags": ["overdue"]},
    {"do": "notify", "to": "all_users", "subject": "Overdue: {%subject%}", "body": "{%customer.email%} waits."}]}' >/dev/null
mail ben@example.com "$ADDRESS" "Two glasses arrived broken" <<<"What should I do now?"
BEN=$(conversation "$SUPPORT" ben@example.com)
await 'api "/v1/conversations/$BEN" | grep -F "\"overdue\""'
api "/v1/conversations/$BEN" | show 'subject|tags'
api "/v1/conversations/$BEN/runs" | show 'workflow_name|trigger'
await '[ "$(api "/v1/deliveries?conversation_id=$BEN&kind=notify&state=sent" | grep -oF "\"sent\"" | wc -l)" = 2 ]'
echo "2 users were told"

step "We answer, the customer is silent, and gets one follow-up"
workflow "$SUPPORT" '{"name": "Follow-up after silence", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "last_agent_reply", "op": "not_in_the_last", "value": "2s"}]}, {"any": [{"field": "status", "op": "is", "value": "pending"}]}],
  "actions": [
    {"do": "email", "subject": "Did this help? #{%conversation.number%}", "body": "Just answer this mail and we go on."},
    {"do": "add_tags", "tags": ["followed-up"]},
    {"do": "set_status", "status": "closed"}]}' >/dev/null
mail cora@example.com "$ADDRESS" "How do I clean the kettle" <<<"With vinegar?"
CORA=$(conversation "$SUPPORT" cora@example.com)
api "/v1/conversations/$CORA/messages" -d '{"kind": "reply", "body": "With vinegar, yes."}' | show kind
api "/v1/conversations/$CORA" -X PATCH -d '{"status": "pending"}' | show status
await 'api "/v1/conversations/$CORA" | grep -F "\"followed-up\""'
api "/v1/conversations/$CORA" | show 'status|tags'

step "An invoice goes to billing, which looks at what is moved to it"
workflow "$SUPPORT" '{"name": "Invoices go to billing", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "new_conversation"}]}, {"any": [{"field": "subject", "op": "contains", "value": "invoice"}]}],
  "actions": [{"do": "move", "mailbox": "billing-'"$STAMP"'@trial.test"}]}' >/dev/null
workflow "$BILLING" '{"name": "Received from support", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "moved_here", "from": "'"$ADDRESS"'"}]}],
  "actions": [{"do": "add_tags", "tags": ["from-support"]}, {"do": "assign", "to": "bea-'"$STAMP"'@trial.test"}]}' >/dev/null
mail dora@example.com "$ADDRESS" "Invoice 77 is wrong" <<<"It has the old address."
DORA=$(conversation "$BILLING" dora@example.com)
await 'api "/v1/conversations/$DORA" | grep -F "from-support"'
api "/v1/conversations/$DORA" | show 'subject|tags'
[ "$(api "/v1/conversations/$DORA" | first assignee_id)" = "$BEA" ] && echo "it is Bea's"
api "/v1/conversations/$DORA/timeline" | show sentence
