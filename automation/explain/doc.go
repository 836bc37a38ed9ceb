// Package explain says why a workflow ran on a conversation, did not, or will: in words that
// an admin understands, from the facts, the runs and the limits of that moment.
package explain
