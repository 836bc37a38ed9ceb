// Package starter starts and wakes the Temporal workflows: it wakes what the
// outbox names, and prepares a Temporal namespace.
//
// The outbox is the authority for what must be woken. A wake that came
// through needs no word back: the row goes when the conversation was handled,
// and is claimed again until then. So whatever goes wrong here, a wake comes
// late and is never lost, and several starters may run.
package starter
