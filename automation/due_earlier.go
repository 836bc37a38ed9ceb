package automation

import (
	"reflect"
)

// MayBeDueEarlier reports whether a conversation that waits may be due earlier by the
// definition after than by the one before: by a new or shorter date condition, or by
// anything else that the conditions demand less of. When in doubt it is true. Before
// nil means that there was none in force.
func MayBeDueEarlier(before *Definition, after Definition) bool {
	p, _ := Compile(after)
	if p == nil || !p.HasDates() {
		return false
	}
	if before == nil || after.MaxRuns > before.MaxRuns || after.ApplyToEarlier && !before.ApplyToEarlier ||
		after.TooLateAfter != before.TooLateAfter || len(before.Conditions) != len(after.Conditions) {
		return true
	}
	for g := range after.Conditions {
		if len(before.Conditions[g].Any) != len(after.Conditions[g].Any) {
			return true
		}
		for r := range after.Conditions[g].Any {
			was, is := before.Conditions[g].Any[r], after.Conditions[g].Any[r]
			if !reflect.DeepEqual(was, is) && !longer(was, is) {
				return true
			}
		}
	}
	return false
}

// longer reports whether a condition only asks for more time to pass than it did.
func longer(was, is Condition) bool {
	if was.Field != is.Field || was.Op != is.Op || is.Op != "longer_than" && is.Op != "not_in_the_last" {
		return false
	}
	before, isText := was.Value.(string)
	after, areTexts := is.Value.(string)
	if !isText || !areTexts {
		return false
	}
	from, wrong := ParseSpan(before)
	to, alsoWrong := ParseSpan(after)
	return wrong == "" && alsoWrong == "" && from.Business == to.Business && from.BusinessDays <= to.BusinessDays &&
		(from.BusinessDays > 0) == (to.BusinessDays > 0) && from.Clock <= to.Clock
}
