package check

import (
	"fmt"
	"regexp/syntax"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
)

// expensivePattern finds patterns that cost much on long texts. RE2 takes time in
// proportion to the text whatever the pattern, but a large pattern takes much of
// it.
func expensivePattern(w *subject, found func(path, message string)) {
	for _, g := range w.groups {
		for _, r := range g.rows {
			if r.Op != "matches" {
				continue
			}
			pattern, _ := r.Value.(string)
			if end := strings.LastIndexByte(pattern, '/'); end > 0 && pattern[0] == '/' {
				pattern = pattern[1:end]
			}
			parsed, err := syntax.Parse(pattern, syntax.Perl)
			if err != nil {
				continue
			}
			if nested(parsed, false) {
				found(r.path+".value", "a repetition stands in a repetition, as in (a+)+: one of them is enough")
			} else if prog, err := syntax.Compile(parsed.Simplify()); err == nil && len(prog.Inst) > match.MaxPatternInstructions*3/5 {
				found(r.path+".value", fmt.Sprintf("the pattern has %d steps of at most %d: it is slow on long texts; make its repetitions smaller",
					len(prog.Inst), match.MaxPatternInstructions))
			}
		}
	}
}

// nested reports whether an endless repetition has nothing else in it than another
// one.
func nested(re *syntax.Regexp, inside bool) bool {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus:
		if inside {
			return true
		}
		return nested(re.Sub[0], true)
	case syntax.OpCapture:
		return nested(re.Sub[0], inside)
	}
	for _, sub := range re.Sub {
		if nested(sub, false) {
			return true
		}
	}
	return false
}
