// Package examples holds the ready workflows and the example mails, for the demo
// and the tests.
package examples

import "embed"

// Files are workflows/*.yaml and mail/*.eml.
//
//go:embed workflows/*.yaml mail/*.eml
var Files embed.FS
