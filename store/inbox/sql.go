package inbox

import "embed"

// files are the statements that are too long to stand where they are asked.
//
//go:embed sql
var files embed.FS
