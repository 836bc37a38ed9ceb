package activities

import (
	"sync"

	"github.com/smarticks/smarticks/automation"
)

// programsKept is how many programs one generation has. Two generations hold every
// version that is in use in a large installation.
const programsKept = 2000

// programs remembers compiled versions, which never change, and forgets those that
// nobody asks for any longer: when a generation is full the one before it goes, with
// what was not asked for since.
type programs struct {
	keep int

	mu           sync.Mutex
	fresh, stale map[automation.VersionID]Program
}

func newPrograms(keep int) *programs {
	return &programs{keep: keep, fresh: map[automation.VersionID]Program{}}
}

func (p *programs) get(id automation.VersionID) (Program, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if made, ok := p.fresh[id]; ok {
		return made, true
	}
	made, ok := p.stale[id]
	if ok {
		p.put(id, made)
	}
	return made, ok
}

func (p *programs) add(id automation.VersionID, made Program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(id, made)
}

// put is called under the lock.
func (p *programs) put(id automation.VersionID, made Program) {
	if len(p.fresh) >= p.keep {
		p.fresh, p.stale = map[automation.VersionID]Program{}, p.fresh
	}
	p.fresh[id] = made
}
