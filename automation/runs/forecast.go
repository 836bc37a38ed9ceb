package runs

import (
	"fmt"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation"
)

// Forecast is what will happen to a conversation if nobody acts, as far as it was
// looked ahead.
type Forecast struct {
	// Now is when it was made, Until how far it looks.
	Now, Until time.Time
	// Pending is how many events were not handled yet; what they lead to is the first
	// that comes.
	Pending int
	// Coming is in the order of time.
	Coming []Coming
	// More says that there is more to come before Until.
	More bool
}

// Coming is one instant of a forecast at which something happens.
type Coming struct {
	At time.Time
	// Wakes says that a snoozed conversation comes back.
	Wakes bool
	// Due is what brings it about: of the first instant it may be another one's.
	Due automation.Due
	// Runs are those that will be made, as they will be recorded; a skipped one too.
	Runs []Run
}

// ComingSentence says in words a run that will be made.
func ComingSentence(r Run) string {
	what := fmt.Sprintf("the workflow “%s” (version %d)", r.Name, r.VersionNumber)
	because := map[automation.Trigger]string{
		automation.TriggerTime: "because its time comes", automation.TriggerManual: "because somebody asked for it",
		automation.TriggerUndo: "because somebody undoes it",
	}[r.Trigger]
	if because == "" {
		because = "because of what happens before"
	}
	switch {
	case r.State == automation.RunSkipped:
		return what + " will not run: " + SkipSentence(r.Reason)
	case r.State == automation.RunRefused:
		return what + " will not run: " + r.Reason
	case r.State == automation.RunLimited:
		return what + " will do nothing, since its mail may not go: " + r.Reason
	case r.Mode == automation.ModeWatch:
		return what + " only watches; it would run " + because
	}
	var does []string
	for _, a := range r.Actions {
		if a.State == automation.ActionDone || a.State == automation.ActionQueued {
			does = append(does, a.Sentence)
		}
	}
	if len(does) > 0 {
		because += ": " + strings.Join(does, ", ")
	}
	return what + " will run " + because
}
