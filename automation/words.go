package automation

import "strings"

// What is said of a condition, a group, an action and an outcome is said here and in
// the Sentence methods, and nowhere else: timeline, runs, explain, check and the
// guides all show these words.

// Sentence says a group in words: its conditions, joined by or.
func (g Group) Sentence(names Names) string {
	rows := make([]string, len(g.Any))
	for i, c := range g.Any {
		rows[i] = c.Sentence(names)
	}
	return strings.Join(rows, ", or ")
}

// Words says a condition with what it came to and the value that was looked at: yes:
// the subject contains "refund" (Please refund order 1042).
func (r ConditionOutcome) Words() string {
	words := map[Truth]string{True: "yes: ", False: "no: ", Unknown: "unknown: "}[r.Holds] + r.Sentence
	var looked []string
	for _, s := range []string{r.Actual, r.Why} {
		if s != "" {
			looked = append(looked, s)
		}
	}
	if len(looked) > 0 {
		words += " (" + strings.Join(looked, "; ") + ")"
	}
	return words
}
