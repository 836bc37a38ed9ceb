package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/smarticks/smarticks/automation"
)

// Base is a fingerprint of a mailbox's workflows: one for each by its id, and one
// of their order by the key "order".
type Base map[string]string

// baseOrder is the key of the order's fingerprint.
const baseOrder = "order"

// BaseOf returns the fingerprint of a mailbox's workflows in their order.
func BaseOf(have []automation.Workflow) Base {
	b := make(Base, len(have)+1)
	ids := make([]automation.DefinitionID, len(have))
	for i, r := range have {
		ids[i] = r.ID
		b[string(r.ID)] = fingerprint([]any{automation.Encode(r.Draft), r.Mode, r.Version, r.Changed})
	}
	b[baseOrder] = fingerprint(ids)
	return b
}

func fingerprint(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // what Encode writes is JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Drift is what became of a mailbox's workflows since a fingerprint was taken, each
// list in the order of the ids.
type Drift struct {
	Made, Changed, Gone []automation.DefinitionID
	Reordered           bool
}

// None reports whether nothing became of them.
func (d Drift) None() bool {
	return len(d.Made) == 0 && len(d.Changed) == 0 && len(d.Gone) == 0 && !d.Reordered
}

// Since compares the fingerprint with an earlier one. That the order is another is
// told only where it is not because workflows were made or are gone.
func (b Base) Since(earlier Base) Drift {
	var d Drift
	for id, print := range b {
		was, known := earlier[id]
		switch {
		case id == baseOrder:
		case !known:
			d.Made = append(d.Made, automation.DefinitionID(id))
		case was != print:
			d.Changed = append(d.Changed, automation.DefinitionID(id))
		}
	}
	for id := range earlier {
		if _, there := b[id]; !there && id != baseOrder {
			d.Gone = append(d.Gone, automation.DefinitionID(id))
		}
	}
	d.Reordered = len(d.Made) == 0 && len(d.Gone) == 0 && b[baseOrder] != earlier[baseOrder]
	slices.Sort(d.Made)
	slices.Sort(d.Changed)
	slices.Sort(d.Gone)
	return d
}
