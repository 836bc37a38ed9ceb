package check

import (
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/expect"
	"github.com/smarticks/smarticks/errs"
)

// Report is what looking at a draft found.
type Report struct {
	// Draft has ids where its author wrote addresses.
	Draft automation.Definition
	// Program is what Compile made of it; nil when there are problems.
	Program  *automation.Program
	Problems []errs.Problem
	// Warnings is what its author should know and what does not hinder it.
	Warnings []automation.CheckFinding
	Names    automation.Names
	// Tests is what came of the draft's tests, where it has no problems.
	Tests []expect.Result
}
