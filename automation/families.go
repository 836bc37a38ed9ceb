package automation

import (
	"strings"

	"github.com/smarticks/smarticks/automation/match"
)

// family is fields with a name in them: header.X-Spam is the header field X-Spam.
type family struct {
	prefix string
	// example is a member's name, for lists of what there is.
	example string
	// problem says what is wrong with the rest of a name, empty when nothing is.
	problem func(rest string) string
	// field returns the member; its name is filled in.
	field func(rest string) field
}

// families is the catalogue of families. It is never changed.
var families = []family{
	{prefix: "header.", example: "header.NAME", problem: headerNameProblem, field: headerField},
	{prefix: fieldPrefix, example: fieldPrefix + "NAME", problem: customNameProblem, field: customField},
}

// sample is a member of the family.
func (f *family) sample() *field {
	one := f.field(strings.TrimPrefix(f.example, f.prefix))
	one.name = f.example
	return &one
}

// findFamily returns the family of a name and the rest of the name, nil when it
// has none.
func findFamily(name string) (*family, string) {
	for i := range families {
		if rest, ok := strings.CutPrefix(name, families[i].prefix); ok {
			return &families[i], rest
		}
	}
	return nil, ""
}

// member returns the field of a family by its whole name, nil when there is none.
func member(name string) *field {
	f, rest := findFamily(name)
	if f == nil || f.problem(rest) != "" {
		return nil
	}
	made := f.field(rest)
	made.name = name
	return &made
}

// familyProblem says what is wrong with a name of a family, empty when it is of
// none.
func familyProblem(name string) string {
	f, rest := findFamily(name)
	if f == nil {
		return ""
	}
	return f.problem(rest)
}

// headerField is the condition on one header field of customer mail.
func headerField(name string) field {
	return field{
		reads: ReadsAlone, listens: customerMessage, needs: NeedsMails | NeedsHeaders, ops: textAndPresence, cost: costText,
		build: listRow(headerNamed(name)), say: saying("the header " + name),
	}
}

// maxHeaderName is how long the name of a header field may be.
const maxHeaderName = 100

// headerNameProblem says what is wrong with a header's name (RFC 5322 3.6.8).
func headerNameProblem(name string) string {
	switch {
	case name == "":
		return `the header has no name: write header.NAME, as in "header.X-Spam-Flag"`
	case len(name) > maxHeaderName:
		return "the header's name is too long: at most 100 characters"
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }):
		return "the header's name " + match.Quote(name) + " has a character in it that no header has"
	}
	return ""
}
