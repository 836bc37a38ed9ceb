package automation

import (
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// places are the texts in which conditions look for words: those of a field. A condition on a
// field that is not listed is not indexed, and costs a look for each workflow.
//
// The texts of a place that were not loaded are not there: known is false, and
// every workflow that looks for something in them may hold.
var places = map[string]func(*Prepared) (texts []*match.Text, known bool){
	"subject":          placeOf(subjectOf),
	"customer_name":    placeOf(customerNameOf),
	"customer_company": placeOf(customerCompanyOf),
	"customer_phone":   placeOf(customerPhoneOf),
	"customer_email":   func(p *Prepared) ([]*match.Text, bool) { return p.emails, true },
	fieldBody:          func(p *Prepared) ([]*match.Text, bool) { return p.bodies, len(p.bodies) > 0 },
	fieldWholeBody:     func(p *Prepared) ([]*match.Text, bool) { return wholeBodies(p), len(p.filed()) > 0 },
}

// placeOf makes a place of one text.
func placeOf(of func(*Prepared) *match.Text) func(*Prepared) ([]*match.Text, bool) {
	return func(p *Prepared) ([]*match.Text, bool) { return []*match.Text{of(p)}, true }
}

// wordsOf are the fields whose value is one of a set of words, or a list of such.
var wordsOf = map[string]func(*Prepared) []string{
	"status":   func(p *Prepared) []string { return []string{string(p.facts.Conversation.Status)} },
	fieldState: func(p *Prepared) []string { return []string{string(p.facts.Conversation.State)} },
	"assignee": func(p *Prepared) []string { return []string{assigneeOf(p.facts.Conversation)} },
	"tags":     func(p *Prepared) []string { return p.tags },
}

func assigneeOf(c conversation.Conversation) string {
	if c.AssigneeID == "" {
		return Unassigned
	}
	return string(c.AssigneeID)
}

// clue is something that must be there when a condition is true: one of the literals in
// a place, or one of the words of a field.
type clue struct {
	field string
	any   []string
}

// Limits of clues: a literal is looked for by its first bytes, and a group with
// more literals than pay is not indexed. What is found too much is looked at
// and does not hold.
const (
	maxClueBytes = 16
	maxClues     = 32
)

// clueOf returns the clue of a condition; ok is false when it has none: a negative
// operator, or a field that is not indexed.
func clueOf(r *row) (k clue, ok bool) {
	k.field = r.condition.Field
	text, words := places[k.field] != nil, wordsOf[k.field] != nil
	switch name := r.op.name; {
	case text && (name == "is" || name == "contains" || name == "starts_with" || name == "ends_with"):
		k.any = []string{r.operand.folded}
	case text && name == "matches":
		k.any = r.operand.pattern.Literals
	case words && name == "is":
		k.any = []string{r.operand.text}
	case words && name == "has_any":
		k.any = r.operand.tags
	case words && name == "has_all":
		k.any = r.operand.tags[:1]
	}
	return k, len(k.any) > 0
}

// worth says how few conversations have the clue, as far as can be told, and how
// cheaply that is seen: bodies are long.
func (k clue) worth() int {
	switch k.field {
	case fieldState:
		return 1
	case "status":
		return 2
	case "assignee":
		return 10
	case fieldBody, fieldWholeBody:
		return 11 + min(match.Shortest(k.any), 8)
	case "tags":
		return 20
	default:
		return 20 + min(match.Shortest(k.any), 8)
	}
}

// clues returns what the conditions cannot hold without: the clues of the group
// that is worth the most, of which one must be there. None: nothing is known.
func (p *Program) clues() []clue {
	var best []clue
	bestWorth := 0
	for _, g := range p.groups {
		clues, worth := groupClues(g)
		if worth > bestWorth {
			best, bestWorth = clues, worth
		}
	}
	return best
}

// groupClues returns the clues of all conditions of a group, and the worth of the least
// one; 0 when a condition has none.
func groupClues(g group) (clues []clue, worth int) {
	literals := 0
	for i, r := range g.rows {
		k, ok := clueOf(r)
		if literals += len(k.any); !ok || literals > maxClues {
			return nil, 0
		}
		if w := k.worth(); i == 0 || w < worth {
			worth = w
		}
		clues = append(clues, k)
	}
	return clues, worth
}
