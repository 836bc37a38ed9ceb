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
	// actions are those that take it.
	actions []string
}

// personWords is the list: what reads a definition, checks it, says it or does it
// looks here for what names nobody. It is never changed.
var personWords = []personWord{
	{Unassigned, "nobody", []string{DoAssign}},
	{ToRoundRobin, "whose turn it is", []string{DoAssign}},
	{ToMe, "the agent who runs the workflow", []string{DoAssign, DoFollow, DoUnfollow}},
	{ToAssignee, "the assignee", []string{DoNotify, DoFollow, DoUnfollow}},
	{ToLastAgent, "the agent who replied last", []string{DoNotify}},
	{ToFollowers, "the followers", []string{DoNotify}},
	{ToAllUsers, "all users of the mailbox", []string{DoNotify}},
}

// StandsForPeople tells whether a text where a user may be named stands for people
// without naming one; no text stands for nobody.
func StandsForPeople(s string) bool { return s == "" || findPersonWord(s) != nil }

// PersonWords lists the words that stand for people and that the action takes; nil
// where it takes none.
func PersonWords(do string) []string {
	var names []string
	for _, w := range personWords {
		if slices.Contains(w.actions, do) {
			names = append(names, w.name)
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

// personProblem says what is wrong with whom an action names, empty when nothing is.
func personProblem(do, s string) string {
	give := "give a user's id or address, or " + anyOf(PersonWords(do))
	switch {
	case strings.TrimSpace(s) == "":
		return "is blank: " + give
	case StandsForPeople(s) && !slices.Contains(PersonWords(do), s):
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
