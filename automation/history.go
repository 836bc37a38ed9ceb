package automation

// History is what the workflows did on one conversation so far.
type History struct {
	used   map[historyKey]Used
	paused map[DefinitionID]string
}

type historyKey struct {
	definition DefinitionID
	mode       Mode
}

// NewHistory returns the history of a conversation where nothing ran yet.
func NewHistory() History {
	return History{used: map[historyKey]Used{}, paused: map[DefinitionID]string{}}
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

// Pause says that a workflow is paused on this conversation.
func (h History) Pause(id DefinitionID, reason string) { h.paused[id] = reason }

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
	if r.State == RunDone || r.State == RunFailed {
		u.Runs++
		u.Origins[r.Cause.Origin] = true
	}
	for _, e := range r.Episodes {
		u.Episodes[e] = true
	}
	h.used[historyKey{r.DefinitionID, r.Mode}] = u
}

// Paused tells why a workflow is paused on this conversation.
func (h History) Paused(id DefinitionID) (reason string, paused bool) {
	reason, paused = h.paused[id]
	return reason, paused
}
