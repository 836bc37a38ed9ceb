#!/usr/bin/env bash
# An admin sets up a mailbox with two agents and four workflows by files, written
# from docs/files.md: check, plan, apply, look, change, plan again.
set -euo pipefail
source "$(dirname "$0")/helpers.sh"
DIR=$(mktemp -d); trap 'rm -rf "$DIR"' EXIT
export SMARTICKS_STATE_DIR=$STATE
go build -buildvcs=false -o "$DIR/smarticks" ./cmd/smarticks
smarticks() { "$DIR/smarticks" "$@"; }

step "A mailbox, two agents"
SUPPORT=$(mailbox support)
MARIA=$(agent maria "$SUPPORT") TOM=$(agent tom "$SUPPORT")
api "/v1/users/$MARIA" | show role

step "Four workflows in three files"
mkdir "$DIR/flows"
cat >"$DIR/flows/10-refunds.yaml" <<END
mailbox: support-$STAMP@trial.test
workflows:
  # Agreed with accounting.
  - name: Refund requests
    type: automatic
    conditions:
      - any: [{field: new_conversation}]
      - any: [{field: subject, op: contains, value: refund}]
    actions:
      - {do: add_tags, tags: [refund]}
      - {do: assign, to: maria-$STAMP@trial.test}
      - do: reply
        body: {template: thanks}
  - name: Everything else in turn
    type: automatic
    conditions:
      - any: [{field: new_conversation}]
      - any: [{field: assignee, op: is, value: unassigned}]
    actions:
      - {do: assign, to: round_robin, among: [maria-$STAMP@trial.test, tom-$STAMP@trial.test]}
END
cat >"$DIR/flows/20-by-hand.yaml" <<END
mailbox: support-$STAMP@trial.test
workflows:
  - {name: I take it, type: manual, actions: [{do: assign, to: me}]}
  - {name: Say thanks, type: manual, actions: [{do: reply, body: {template: thank}}]}
END
cat >"$DIR/flows/templates.yaml" <<'END'
templates:
  thanks: Thank you for writing, {%customer.firstName,fallback=dear customer%}.
END
smarticks workflows check "$DIR/flows" 2>&1 | sed "s|.*/flows/||" || true
sed -i 's/template: thank}/template: thanks}/' "$DIR/flows/20-by-hand.yaml"
smarticks workflows check "$DIR/flows"

step "What would be done, and doing it"
smarticks workflows plan "$DIR/flows" && false || echo "it ends with $?"
smarticks workflows apply "$DIR/flows" | tail -n 1
smarticks workflows plan "$DIR/flows" && echo "it ends with $?"
smarticks workflows list --mailbox "support-$STAMP@trial.test"

step "A customer writes"
mail ann@example.com "support-$STAMP@trial.test" "A refund, please" <<<"It broke."
ANN=$(conversation "$SUPPORT" ann@example.com)
await 'api "/v1/conversations/$ANN" | grep -F "\"refund\""'
[ "$(api "/v1/conversations/$ANN" | first assignee_id)" = "$MARIA" ] && echo "it is Maria's"
smarticks explain "$ANN" "Refund requests" --mailbox "support-$STAMP@trial.test" | sed -n 1p

step "A change, and a workflow that goes"
sed -i 's/value: refund}/value: money back}/; /I take it/d' "$DIR/flows/"*.yaml
smarticks workflows plan --prune "$DIR/flows" && false || echo "it ends with $?"
smarticks workflows apply --prune "$DIR/flows" | tail -n 1
smarticks workflows list --mailbox "support-$STAMP@trial.test"

step "Somebody changes one by the API: export brings it into the files"
ID=$(smarticks workflows show "Say thanks" --mailbox "support-$STAMP@trial.test" | sed -n 's/^id //p')
api "/v1/workflows/$ID" -X PATCH -d '{"mode": "off"}' | show mode
smarticks workflows export --into "$DIR/flows" --mailbox "support-$STAMP@trial.test" | sed "s|.*/flows/||"
smarticks workflows plan "$DIR/flows"
grep -A 1 accounting "$DIR/flows/10-refunds.yaml"
