// Package runs holds what becomes of workflows: runs and what they used up, pauses, rollouts,
// backtests, statistics and what will come. It decides nothing; it counts and compares.
package runs
