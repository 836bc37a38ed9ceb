package automation

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
)

// statusRow tests the status.
func statusRow(o operator, v operand) test {
	return wordRow(o, v, func(p *Prepared) string { return string(p.facts.Conversation.Status) })
}

// stateRow tests the state: the one condition that lets a workflow look at drafts and
// deleted conversations.
func stateRow(o operator, v operand) test {
	return wordRow(o, v, func(p *Prepared) string { return string(p.facts.Conversation.State) })
}

// typeRow tests how the conversation came to us.
func typeRow(o operator, v operand) test {
	return wordRow(o, v, func(p *Prepared) string { return string(p.facts.Conversation.Type) })
}

// channelRow tests where it came in.
func channelRow(o operator, v operand) test {
	return wordRow(o, v, func(p *Prepared) string { return string(p.facts.Conversation.Channel) })
}

func imported(p *Prepared) bool { return p.facts.Conversation.Imported }

// startedByRow tests who began the conversation.
func startedByRow(o operator, v operand) test {
	return wordRow(o, v, func(p *Prepared) string { return string(p.facts.Conversation.StartedBy) })
}

// assigneeRow tests the assignee. Nobody is a value like any other: a condition "is
// not Ann" holds for an unassigned conversation.
func assigneeRow(o operator, v operand) test {
	return wordRow(o, v, func(p *Prepared) string {
		if id := p.facts.Conversation.AssigneeID; id != "" {
			return string(id)
		}
		return Unassigned
	})
}

// wordRow tests a value that is one of a set of words.
func wordRow(o operator, v operand, value func(*Prepared) string) test {
	return test{
		holds: func(p *Prepared) Truth { return truth((value(p) == v.text) != o.negative()) },
		look:  func(p *Prepared) (string, string) { return value(p), "" },
	}
}

// tagsRow tests the tags by name, case ignored: any of those named, all, none, or
// one that matches.
func tagsRow(o operator, v operand) test {
	matching := func(t *match.Text) Truth { return Matches(t, v.pattern) }
	matches := func(p *Prepared) Truth {
		_, holds := find(p.tagged, matching)
		return holds
	}
	return test{
		holds: func(p *Prepared) Truth {
			if o.name == "matches" {
				return matches(p)
			}
			has := 0
			for _, want := range v.tags {
				if slices.Contains(p.tags, want) {
					has++
				}
			}
			switch o.name {
			case "has_any":
				return truth(has > 0)
			case "has_all":
				return truth(has == len(v.tags))
			default:
				return truth(has == 0)
			}
		},
		look: func(p *Prepared) (string, string) {
			if len(p.tags) == 0 {
				return "no tags", ""
			}
			return match.Shorten(strings.Join(p.facts.Conversation.Tags, ", "), actualLength), ""
		},
	}
}
