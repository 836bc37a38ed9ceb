// Package docs holds the guides, and the tests that keep them true.
package docs
