package runs

import (
	"time"

	"github.com/smarticks/smarticks/automation"
)

// Usage is what the workflows did on one conversation so far.
type Usage struct {
	used   map[historyKey]automation.Used
	paused map[automation.DefinitionID]Pause
	Recent *tally
}

// tally is what counts against the limits: automatic runs and mails of
// workflows that are on.
type tally struct {
	runs  map[automation.DefinitionID]int // on this conversation
	all   int
	mails []Mailed // to the customer about this conversation, newest last
}

// Mailed is an automatic mail of a run to the customer.
type Mailed struct {
	DefinitionID automation.DefinitionID
	RunID        automation.RunID
	At           time.Time
}

type historyKey struct {
	definition automation.DefinitionID
	mode       automation.Mode
}

// NewUsage returns the history of a conversation where nothing ran yet.
func NewUsage() Usage {
	return Usage{used: map[historyKey]automation.Used{}, paused: map[automation.DefinitionID]Pause{}, Recent: &tally{
		runs: map[automation.DefinitionID]int{},
	}}
}

// Add counts what was kept: so many runs, their origin events, the episodes that
// they used up.
func (h Usage) Add(id automation.DefinitionID, mode automation.Mode, runs int, origins []int64, episodes []string) {
	u := h.Used(id, mode)
	u.Runs += runs
	for _, o := range origins {
		u.Origins[o] = true
	}
	for _, e := range episodes {
		u.Episodes[e] = true
	}
	h.used[historyKey{id, mode}] = u
}

// AddRecent counts runs of a workflow on this conversation against its own limit
// and against that of all workflows.
func (h Usage) AddRecent(id automation.DefinitionID, own, all int) {
	h.Recent.runs[id] += own
	h.Recent.all += all
}

// AddMail counts an automatic mail to the customer about this conversation.
func (h Usage) AddMail(m Mailed) { h.Recent.mails = append(h.Recent.mails, m) }

// Pause says that a workflow is paused on this conversation.
func (h Usage) Pause(p Pause) { h.paused[p.DefinitionID] = p }

// Used says what a workflow used up in the mode; its maps may be added to, and
// Count keeps the sum.
func (h Usage) Used(id automation.DefinitionID, mode automation.Mode) automation.Used {
	key := historyKey{id, mode}
	u, ok := h.used[key]
	if !ok {
		u = automation.Used{Episodes: map[string]bool{}, Origins: map[int64]bool{}}
		h.used[key] = u
	}
	return u
}

// Count adds a run that is made now.
func (h Usage) Count(r Run) {
	u := h.Used(r.DefinitionID, r.Mode)
	if r.Trigger == automation.TriggerUndo { // no run of its workflow, which must not answer to it
		if r.State == automation.RunDone {
			u.Origins[r.Cause.Origin] = true
		}
	} else if r.State == automation.RunDone || r.State == automation.RunFailed {
		u.Runs++
		u.Origins[r.Cause.Origin] = true
		if r.Mode == automation.ModeOn {
			h.AddRecent(r.DefinitionID, 1, 1)
		}
	} else if r.State == automation.RunLimited {
		u.Origins[r.Cause.Origin] = true
	}
	for _, e := range r.Episodes {
		u.Episodes[e] = true
	}
	h.used[historyKey{r.DefinitionID, r.Mode}] = u
}

// Paused says why a workflow is paused on this conversation.
func (h Usage) Paused(id automation.DefinitionID) (reason string, paused bool) {
	p, paused := h.paused[id]
	return p.Reason, paused
}
