// Package automation decides. It holds what an admin writes (a definition:
// conditions and actions), compiles it once per version and evaluates it against
// the facts of one conversation: does it hold, why or why not condition by condition, and at
// which instant will it hold if nothing else happens.
//
// What stands on the language has packages of its own below this one: runs, explain, undo,
// plan, expect and check. What the language itself stands on is match.
//
// The package is pure: no I/O, no clock, no map order. Now is one of the facts.
package automation
