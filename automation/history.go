package automation

import "time"

// History is what the workflows did on one conversation so far.
type History struct {
	used   map[historyKey]Used
	paused map[DefinitionID]Pause
	recent *tally
}

// tally is what counts against the limits: automatic runs and mails of
// workflows that are on.
type tally struct {
	runs  map[DefinitionID]int // on this conversation
	all   int
	mails []Mailed // to the customer about this conversation, newest last
}

// Mailed is an automatic mail of a run to the customer.
type Mailed struct {
	DefinitionID DefinitionID
	RunID        RunID
	At           time.Time
}

type historyKey struct {
	definition DefinitionID
	mode       Mode
}

// NewHistory returns the history of a conversation where nothing ran yet.
func NewHistory() History {
	return History{used: map[historyKey]Used{}, paused: map[DefinitionID]Pause{}, recent: &tally{
		runs: map[DefinitionID]int{},
	}}
}

// Add counts what was kept: so many runs, their origin events, the episodes that
// they used up.
func (h History) Add(id DefinitionID, mode Mode, runs int, origins []int64, episodes []string) {
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
func (h History) AddRecent(id DefinitionID, own, all int) {
	h.recent.runs[id] += own
	h.recent.all += all
}

// AddMail counts an automatic mail to the customer about this conversation.
func (h History) AddMail(m Mailed) { h.recent.mails = append(h.recent.mails, m) }

// Pause says that a workflow is paused on this conversation.
func (h History) Pause(p Pause) { h.paused[p.DefinitionID] = p }

// Used tells what a workflow used up in the mode; its maps may be added to, and
// Count keeps the sum.
func (h History) Used(id DefinitionID, mode Mode) Used {
	key := historyKey{id, mode}
	u, ok := h.used[key]
	if !ok {
		u = Used{Episodes: map[string]bool{}, Origins: map[int64]bool{}}
		h.used[key] = u
	}
	return u
}

// Count adds a run that is made now.
func (h History) Count(r Run) {
	u := h.Used(r.DefinitionID, r.Mode)
	if r.Trigger == TriggerUndo { // no run of its workflow, which must not answer to it
		if r.State == RunDone {
			u.Origins[r.Cause.Origin] = true
		}
	} else if r.State == RunDone || r.State == RunFailed {
		u.Runs++
		u.Origins[r.Cause.Origin] = true
		if r.Mode == ModeOn {
			h.AddRecent(r.DefinitionID, 1, 1)
		}
	} else if r.State == RunLimited {
		u.Origins[r.Cause.Origin] = true
	}
	for _, e := range r.Episodes {
		u.Episodes[e] = true
	}
	h.used[historyKey{r.DefinitionID, r.Mode}] = u
}

// Paused tells why a workflow is paused on this conversation.
func (h History) Paused(id DefinitionID) (reason string, paused bool) {
	p, paused := h.paused[id]
	return p.Reason, paused
}
