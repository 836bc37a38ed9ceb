// Package expect compares what came of a workflow's test with what its author expected.
package expect
