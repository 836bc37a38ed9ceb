// Package plan compares the workflows that a mailbox has with those that somebody wants there,
// and lists the steps from the one to the other.
package plan
