#!/usr/bin/env bash
# "Nobody answered refunds since last night: who switched it off, with what, from
# where, and what else did he do?" An auditor finds it, and takes it away as a table.
set -euo pipefail
source "$(dirname "$0")/helpers.sh"

# as TOKEN COMMAND…: runs a command with another token.
as() { local TOKEN=$1; shift; "$@"; }
# refused COMMAND…: runs a command that must be refused, and prints the status.
refused() { "$@" 2>/dev/null | show 'status|detail' || true; }

step "A workflow works in its mailbox"
SUPPORT=$(mailbox refunds)
RULE=$(workflow "$SUPPORT" '{"name": "Refunds", "type": "automatic", "mode": "on",
  "conditions": [{"any": [{"field": "subject", "op": "contains", "value": "refund"}]}],
  "actions": [{"do": "webhook", "url": "https://erp.example/refunds", "headers": {"Authorization": "Basic c2VjcmV0"}, "body": {}}]}')

step "Bea has a token for a script of hers"
BEA=$(api /v1/users -d "{\"name\": \"Bea\", \"email\": \"bea-$STAMP@trial.test\", \"role\": \"admin\"}" | first id)
MADE=$(api /v1/tokens -d "{\"user_id\": \"$BEA\", \"name\": \"nightly script\"}")
SCRIPT=$(first token <<<"$MADE")

step "By night it does more than it should"
as "$SCRIPT" api "/v1/workflows/$RULE" -X PATCH -d '{"mode": "off"}' >/dev/null
as "$SCRIPT" api "/v1/mailboxes/$SUPPORT" -X PATCH -d '{"time_zone": "Europe/Berlin"}' >/dev/null
as "$SCRIPT" api /v1/folders -d "{\"mailbox_id\": \"$SUPPORT\", \"name\": \"Waiting\", \"status\": [\"pending\"]}" >/dev/null

step "The auditor may read, and nothing else"
ME=$(api /v1/me | first id)
AUDITOR=$(api /v1/tokens -d "{\"user_id\": \"$ME\", \"name\": \"auditor\", \"scopes\": [\"read\"]}" | first token)
TOKEN=$AUDITOR
refused api "/v1/workflows/$RULE" -X DELETE
refused api "/v1/audit" -X DELETE

step "Who switched it off, with what, from where?"
api "/v1/audit?object_kind=workflow&object_id=$RULE&verb=switched%20off" | show 'verb|name|token_name|address'

step "All that was done to it, the newest first"
api "/v1/audit?object_kind=workflow&object_id=$RULE" | show 'verb'

step "The workflow's own secrets are not told"
api "/v1/audit?object_id=$RULE&verb=created" | grep -oE '"Authorization": ?"[^"]*"'

step "What else did this token do?"
api "/v1/audit?token_id=$(first id <<<"$MADE")" | show 'verb|object_kind'

step "All of it as a table"
TABLE=$(mktemp)
api "/v1/audit.csv?token_id=$(first id <<<"$MADE")&from=2026-01-01T00:00:00Z" >"$TABLE"
head -n 1 "$TABLE" | tr -d '\r'
grep -oE '"[a-z ]+","(workflow|mailbox|folder)",' "$TABLE"
wc -l <"$TABLE"
rm "$TABLE"
