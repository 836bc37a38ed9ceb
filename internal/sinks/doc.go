// Package sinks receives what the product sends: mail and webhooks. `smarticks up`
// runs the sinks so that everything sent can be looked at as files, and
// tests run them with knobs for the ways in which receivers fail.
package sinks
