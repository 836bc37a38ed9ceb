// Package conversation holds the words of the helpdesk: mailboxes, people,
// conversations, messages and the events that happen to them. It has no I/O and
// no clock, and imports nothing but errs.
package conversation
