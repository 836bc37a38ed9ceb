// Package worker runs the Temporal workflows and activities: one SDK worker for
// each task queue. Several copies may run.
package worker
