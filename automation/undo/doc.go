// Package undo plans how to take back what a run did: what can be taken back, what somebody
// changed since and therefore stays, and what cannot be taken back because it was sent.
package undo
