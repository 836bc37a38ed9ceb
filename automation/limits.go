package automation

import (
	"fmt"

	"github.com/smarticks/smarticks/errs"
)

// Bounds of the work that a tree from outside makes. They are looked at before
// anything is read within: MaxConditions, MaxActions and MaxTests likewise.
const (
	// maxListed is how many elements any other list may have, and keys an object.
	maxListed = 1000
	// maxTold is how many problems are told of one list, one object or one text.
	maxTold = 20
)

// few cuts a list of problems to maxTold, with one more that counts the rest.
func few(bad []errs.Problem, path string) []errs.Problem {
	if len(bad) <= maxTold {
		return bad
	}
	return append(bad[:maxTold:maxTold], errs.Problem{Path: path,
		Message: fmt.Sprintf("there are %d more problems of this kind", len(bad)-maxTold)})
}

// tooMany says that there is more of something than there may be, empty when there
// is not.
func tooMany(n, most int, what string) string {
	if n <= most {
		return ""
	}
	return fmt.Sprintf("%d %s are too many: at most %d", n, what, most)
}

// list reads a list of at most so many elements. Of a longer one nothing is read.
func (d *decoder) list(v any, path string, most int, what string) []any {
	l, ok := v.([]any)
	problem := tooMany(len(l), most, what)
	switch {
	case !ok:
		d.wrong(path, "must be a list, not "+typeWord(v))
	case problem != "":
		d.wrong(path, problem)
		return nil
	}
	return l
}

// groups reads the conditions. What counts is how many there are in all groups.
func (d *decoder) groups(v any, path string) []any {
	list := d.list(v, path, MaxConditions, "groups")
	rows := 0
	for _, g := range list {
		m, _ := g.(map[string]any)
		within, _ := m["any"].([]any)
		rows += len(within)
	}
	if problem := tooMany(rows, MaxConditions, "conditions"); problem != "" {
		d.wrong(path, problem)
		return nil
	}
	return list
}
