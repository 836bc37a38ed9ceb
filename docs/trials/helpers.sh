# The helpers of the README's tour, and a few for trials. Sourced by each trial.
API=${API:-http://127.0.0.1:8080}
SMTP=${SMTP:-127.0.0.1:2525}
STATE=${SMARTICKS_STATE_DIR:-.smarticks}
TOKEN=$(cat "$STATE/admin-token")

# api PATH [options of curl]: calls the API and prints the answer.
api() {
  path=$1; shift
  curl -sS --fail-with-body -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "$@" "$API$path"
}
# first KEY: of a JSON text, the first value of the key. show KEYS: all values of some keys.
first() { awk -v key="\"$1\":\"" '{ at = index($0, key); if (at) { rest = substr($0, at + length(key)); print substr(rest, 1, index(rest, "\"") - 1) } }'; }
show() { grep -oE "\"($1)\":(\"([^\"\\\\]|\\\\.)*\"|\\[[^]]*\\]|[^,}]+)"; }
# await COMMAND: repeats a command until it succeeds, for half a minute at most.
await() {
  for _ in $(seq 150); do if eval "$1" >/dev/null 2>&1; then return 0; fi; sleep 0.2; done
  echo "this did not come true: $1" >&2; return 1
}

# step TEXT: says what comes now.
step() { printf '\n== %s\n' "$*"; }
# A trial has a mailbox and people of its own, so that it can be run again.
STAMP=$(date +%s%N)
# mailbox NAME: makes a mailbox and prints its id; its address is NAME-STAMP@trial.test.
mailbox() { api /v1/mailboxes -d "{\"name\": \"$1 $STAMP\", \"email\": \"$1-$STAMP@trial.test\"}" | first id; }
# agent NAME MAILBOX_ID…: makes an agent who is a member of the mailboxes, and prints the id.
agent() {
  name=$1; shift
  api /v1/users -d "{\"name\": \"$name\", \"email\": \"$name-$STAMP@trial.test\", \"role\": \"agent\", \"mailbox_ids\": [$(printf '"%s",' "$@" | sed 's/,$//')]}" | first id
}
# mail FROM TO SUBJECT [HEADER…] <<< BODY: a customer's mail program sends a mail.
mail() {
  from=$1; to=$2; subject=$3; shift 3
  {
    printf 'From: %s\nTo: %s\nSubject: %s\nMessage-ID: <%s@example.com>\n' "$from" "$to" "$subject" "$(date +%s%N)"
    for header in "$@"; do printf '%s\n' "$header"; done
    printf '\n'; cat
  } | curl -sS --crlf --url "smtp://$SMTP/localhost" --mail-from "$from" --mail-rcpt "$to" --upload-file -
}
# conversation MAILBOX_ID ADDRESS: waits for the customer's newest conversation there and prints its id.
conversation() {
  await "api '/v1/conversations?mailbox_id=$1&customer=$2' | grep -F '\"id\"'"
  api "/v1/conversations?mailbox_id=$1&customer=$2&limit=1" | first id
}
# workflow MAILBOX_ID JSON: makes a workflow and prints its id; what is wrong with it is told.
workflow() {
  answer=$(api "/v1/mailboxes/$1/workflows" -d "$2") || { echo "$answer" >&2; return 1; }
  echo "$answer" | first id
}
