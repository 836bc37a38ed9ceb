package automation

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
)

// The words that stand for people where an action would name a user.
const (
	ToMe        = "me" // the agent who runs a manual workflow
	ToAssignee  = "assignee"
	ToLastAgent = "last_agent" // who replied last
	ToAllUsers  = "all_users"  // of the mailbox
	ToFollowers = "followers"
	// ToRoundRobin assigns to whose turn it is.
	ToRoundRobin = "round_robin"
)

// personWord is one line of the list of words that stand for people.
type personWord struct {
	name string
	// says is the word as a sentence has it.
	says string
}

// personWords is the list: what reads a definition, checks it, says it or does it
// looks here for what names nobody. It is never changed.
var personWords = []personWord{
	{Unassigned, "nobody"},
	{ToRoundRobin, "whose turn it is"},
	{ToMe, "the agent who runs the workflow"},
	{ToAssignee, "the assignee"},
	{ToLastAgent, "the agent who replied last"},
	{ToFollowers, "the followers"},
	{ToAllUsers, "all users of the mailbox"},
}

// The words that the parts of actions take. They are never changed.
var (
	assignees  = []string{Unassigned, ToRoundRobin, ToMe}
	followable = []string{ToMe, ToAssignee}
	notified   = []string{ToAssignee, ToLastAgent, ToFollowers, ToAllUsers}
)

// StandsForPeople reports whether a text where a user may be named stands for people
// without naming one; no text stands for nobody.
func StandsForPeople(s string) bool { return s == "" || findPersonWord(s) != nil }

// PersonWords lists the words that stand for people and that the action takes; nil
// where it takes none.
func PersonWords(do string) []string {
	var names []string
	if k := findAction(do); k != nil {
		for _, p := range k.parts() {
			names = append(names, p.people...)
		}
	}
	return names
}

func findPersonWord(name string) *personWord {
	for i := range personWords {
		if personWords[i].name == name {
			return &personWords[i]
		}
	}
	return nil
}

// sayPerson says whom a text stands for or names.
func sayPerson(s string, names Names) string {
	if w := findPersonWord(s); w != nil {
		return w.says
	}
	return names.Of(RefUser, s)
}

// personProblem says what is wrong with whom an action names, which takes the words;
// empty when nothing is.
func personProblem(do string, words []string, s string) string {
	give := "give a user's id or address, or " + anyOf(words)
	switch {
	case strings.TrimSpace(s) == "":
		return "is blank: " + give
	case StandsForPeople(s) && !slices.Contains(words, s):
		return do + " does not take " + match.Quote(s) + ": " + give
	default:
		return ""
	}
}

// anyOf quotes names: "a", "b" or "c".
func anyOf(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = match.Quote(n)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}
