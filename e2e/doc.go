// Package e2e tests the whole product in one process: mail in by SMTP, decisions
// on a real Postgres, a real Temporal dev server, mail out by SMTP, webhooks by
// HTTP, everything else by the API.
package e2e
