package check

import (
	"slices"

	"github.com/smarticks/smarticks/conversation"
)

// closedBeforeAnswer finds conditions on a customer's reply that hold only while the
// conversation is closed or pending: the reply has made it active before they are
// looked at, unless nobody wrote it.
func closedBeforeAnswer(w *subject, found func(path, message string)) {
	if !w.automatic() || w.dates || w.impossible() || !slices.Equal(w.kinds(), []string{string(conversation.KindCustomerMessage)}) {
		return
	}
	opened := on(string(conversation.KindCustomerMessage)).put(term{{aboutStatus, words{list: []string{"active", "spam"}, all: statuses()}}})
	if w.canHold(opened) {
		return
	}
	for _, g := range w.groups {
		if slices.ContainsFunc(g.rows, machines) {
			return // its author knows that nobody wrote
		}
	}
	for _, g := range w.groups {
		for _, r := range g.rows {
			if r.Field == aboutStatus || r.Field == "folder" {
				found(r.path, "this never holds when a customer answers: the answer makes a closed or pending conversation active before "+
					"conditions are "+
					"looked at, so that only automatic replies and bounces are left; for a customer who answers what was closed write {field: "+
					"customer_reopened}")
				return
			}
		}
	}
}

// machines reports whether a condition is about mail that nobody wrote.
func machines(r row) bool {
	return r.Value == "yes" && (r.Field == "is_auto_reply" || r.Field == "is_bounce")
}
