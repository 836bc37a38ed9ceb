package expect

import (
	"github.com/smarticks/smarticks/errs"
)

// Result is what came of a test.
type Result struct {
	Name   string
	Passed bool
	// Why lists what is not as expected, with paths from the definition's top:
	// tests[2].expect.actions[0].
	Why []errs.Problem
	// Steps are those of the test as they went.
	Steps []ObservedStep
}
