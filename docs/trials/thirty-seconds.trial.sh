#!/usr/bin/env bash
# "Tell me when a customer has waited 30 seconds", then changed to 10 seconds while
# three conversations wait: they are told of when they should, and once.
set -euo pipefail
source "$(dirname "$0")/helpers.sh"

# seconds KEY: the value of a key of a JSON text, in seconds since 1970.
seconds() { date -d "$(first "$1")" +%s.%N; }
# told ID: the run on a conversation that its time led to.
told() { api "/v1/conversations/$1/runs" | grep -F '"trigger":"time"'; }

step "Tell me when a customer has waited 30 seconds"
SUPPORT=$(mailbox waiting)
agent maria "$SUPPORT" >/dev/null
rule() { printf '{"name": "Waits too long", "type": "automatic"%s,
  "conditions": [{"any": [{"field": "waiting_since", "op": "longer_than", "value": "%s"}]}],
  "actions": [{"do": "notify", "to": "all_users", "subject": "{%%customer.email%%} waits", "body": "Please answer."}, {"do": "add_tags", "tags": ["waits"]}]}' "$2" "$1"; }
RULE=$(workflow "$SUPPORT" "$(rule 30s ', "mode": "on"')")

step "Three customers write"
for who in ann ben cora; do
  mail $who@example.com "waiting-$STAMP@trial.test" "A question of $who" <<<"Is anybody there?"
done
ANN=$(conversation "$SUPPORT" ann@example.com)
BEN=$(conversation "$SUPPORT" ben@example.com)
CORA=$(conversation "$SUPPORT" cora@example.com)

step "What will happen, if nobody answers"
for id in "$ANN" "$BEN" "$CORA"; do
  api "/v1/conversations/$id/forecast?horizon=1h" | show 'what|sentence'
done

step "30 seconds are too long: make it 10"
api "/v1/workflows/$RULE" -X PUT -d "$(rule 10s '')" | show 'has_unpublished_changes'
api "/v1/workflows/$RULE/publish" -X POST | show 'version'

step "All three are told of, 10 seconds after they wrote and before 30 were over"
for id in "$ANN" "$BEN" "$CORA"; do
  await "told $id"
  run=$(told "$id")
  began=$(api "/v1/conversations/$id" | seconds waiting_since)
  awk -v began="$began" -v due="$(seconds due_at <<<"$run")" -v came="$(seconds created_at <<<"$run")" 'BEGIN {
    printf "due %.0f seconds after the customer wrote, %s\n", due - began, came < began + 30 ? "and done before the old time" : "but not before the old time" }'
  echo "$run" | show 'workflow_name|version|state'
done

step "And each once, also when the old time has passed"
await "[ \"\$(date +%s)\" -gt $(api "/v1/conversations/$CORA" | seconds waiting_since | cut -d. -f1 | awk '{ print $1 + 32 }') ]"
for id in "$ANN" "$BEN" "$CORA"; do
  api "/v1/conversations/$id/runs" | grep -oF '"trigger":"time"' | wc -l
  api "/v1/conversations/$id" | show 'tags'
done
