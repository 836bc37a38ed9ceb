// Package devstack starts what the product needs around it on one machine: a
// private Postgres and the pinned Temporal dev server. `smarticks up` serves
// from it, and the test support starts its servers by it.
//
// Every server is a child process that dies with its parent, also when that is
// killed: on Linux by the parent-death signal, elsewhere the next start finds
// what the last one left. A server that was started can be stopped and started
// again on the same data and the same address, so that tests can take it away.
package devstack
