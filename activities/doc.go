// Package activities does the work that the Temporal workflows ask for: Advance
// handles what happened to a conversation in one transaction, Deliver attempts
// to send one delivery.
package activities
