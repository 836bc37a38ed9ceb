// Package simulation says what would happen to a conversation: Advance itself, the
// code that fires, on a conversation that is held in memory over what the database
// has. Nothing is written and nothing leaves the house.
package simulation
