// Package api is the HTTP edge: Gin routes, huma describes and validates, and
// every handler decodes, calls and renders. It talks to the store only, never to
// Temporal, and needs only Postgres to accept work.
//
// Read routes.go first: it is the table of everything that can be asked. A
// resource has one file (mailboxes.go, conversations.go, ...) with the small
// interface that it needs of the store, its wire structs and its handlers:
//
//	func (h mailboxes) get(ctx context.Context, who access.Caller, in *ByID) (mailbox, error)
//
// An error's kind becomes a status in fail.go, in one shape for all (RFC 9457).
// What a caller may not see is answered byte for byte like what does not exist.
//
// What has to be true of a request before a handler sees it is checked in this
// order: the route is in the table (guard.go), the token is known and its user
// may use the route (guard.go), the body is at most 1 MiB of JSON that can be
// read in one way only (body.go), parameters and body fit the handler's input
// (huma). An unknown query parameter or key is refused, not ignored.
package api
