package activities

import (
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

// failing calls for attention where a workflow that is on failed, and takes its call
// away where it runs well again.
func (x *advance) failing(run runs.Run) bool {
	attention := automation.FailingAttention(run.Name)
	switch {
	case run.Mode != automation.ModeOn:
		return false
	case run.State == automation.RunFailed:
		x.conv.Attention = attention + " here: " + run.Reason
		return true
	case run.State == automation.RunDone && strings.HasPrefix(x.conv.Attention, attention):
		x.conv.Attention = ""
	}
	return false
}

// tellFailed lets the process know of each run that failed.
func (x *advance) tellFailed() {
	for _, r := range x.runs {
		if r.State == automation.RunFailed && r.Mode == automation.ModeOn {
			x.cfg.Failed(r)
		}
	}
}
