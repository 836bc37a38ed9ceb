package automation

import (
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// readFieldPart reads the value of set_field: a text, a number, or yes and no as
// true and false.
func readFieldPart(a *Action, v any) []errs.Problem {
	switch v := v.(type) {
	case bool:
		a.Value = yesNo(v)
		return nil
	case string:
		s, problem := readTreeString(v)
		a.Value = s
		return problems(problem)
	}
	n, problem := readTreeNumber(v)
	if problem != "" {
		return problems("must be a text, a number, true or false")
	}
	a.Value = strconv.FormatFloat(n, 'f', -1, 64)
	return nil
}

func checkFieldPart(name string) []errs.Problem { return problems(conversation.CheckFieldName(name)) }

func sayField(a Action, _ Names) string {
	if strings.TrimSpace(a.Value) == "" {
		return "empty the field " + match.Quote(a.Field)
	}
	return "set the field " + match.Quote(a.Field) + " to " + match.Quote(a.Value)
}
