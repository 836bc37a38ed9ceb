// Package workflows holds what Temporal runs: ConversationWorkflow, one for each
// conversation that somebody may still have to act on, DeliveryWorkflow, one
// for each delivery that takes longer than ten minutes, RolloutWorkflow, one for
// each change that goes through many conversations, BacktestWorkflow, one for each
// backtest, ReconcileWorkflow, which a schedule starts each minute to look for what
// was left lying, and RetentionWorkflow, which one starts each hour to remove what was
// kept long enough. The activities of the last four have a task queue of their own.
//
// Who is the authority for what:
//
//   - Postgres: everything about a conversation, its events, runs, due times and
//     deliveries. Nothing in here is kept that cannot be asked for again.
//   - The activity Advance: every decision. Its answer is recorded, so that a
//     replay never decides again.
//   - ConversationWorkflow: when Advance is called, which deliveries are under
//     way right now, and the one durable timer.
//   - Temporal: that the three above go on after a crash.
//
// A signal is a doorbell. It carries a seq for the reader of the history, and
// nothing depends on it: lost, doubled, late and reordered wakes cost nothing.
//
// The states of a ConversationWorkflow. Each time something happens, step names
// the first of these that applies, from the top down:
//
//	cancelled ── drain ── waits for what is in flight ──> cancelled
//	advance   a wake, a timer that fired, more events, room for more deliveries
//	drain     the history is long: deliveries that wait are handed over
//	wait      something is in flight
//	complete  nobody has to act and nothing is due; the next wake starts it again
//	renew     drained and nothing in flight: continue as new
//	wait      for a wake, the timer, a delivery
//
// The states of a delivery in here (a flight):
//
//	Deliver ──> sent, failed, cancelled, gone                  the end
//	   │ ────> handed over ────────────────> DeliveryWorkflow
//	   └ drain: cancelled between two attempts, or its attempt ends
//	                     └──> HandOver ────> DeliveryWorkflow
//
// A change in the order of commands needs workflow.GetVersion and a new history
// in testdata/histories; the old histories stay and must replay.
package workflows
