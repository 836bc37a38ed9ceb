// Package benchexpr measures the evaluator beside the same rules compiled with
// expr-lang/expr. It is a module of its own, so that the product does not depend on
// what it is compared with.
package benchexpr

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// Env is what the expressions see: texts folded beforehand, as ours are.
type Env struct {
	Subject string
	Body    string
	Raw     string // the body as it came, for patterns
	Status  string
	Emails  []string
	Tags    []string
}

// NewEnv makes what the expressions see of the facts.
func NewEnv(f conversation.Facts) Env {
	e := Env{
		Subject: match.Fold(f.Conversation.Subject), Body: match.Fold(f.Message.Text), Raw: f.Message.Text,
		Status: string(f.Conversation.Status),
	}
	for _, address := range f.Customer.Emails {
		e.Emails = append(e.Emails, match.Fold(address))
	}
	for _, tag := range f.Conversation.Tags {
		e.Tags = append(e.Tags, match.Fold(tag))
	}
	return e
}

// Compile compiles the conditions of a definition of internal/manyrules.
func Compile(d automation.Definition) (*vm.Program, error) {
	groups := make([]string, len(d.Conditions))
	for i, g := range d.Conditions {
		rows := make([]string, len(g.Any))
		for j, c := range g.Any {
			source, err := row(c)
			if err != nil {
				return nil, err
			}
			rows[j] = source
		}
		groups[i] = "(" + strings.Join(rows, " || ") + ")"
	}
	return expr.Compile(strings.Join(groups, " && "), expr.Env(Env{}), expr.AsBool())
}

func row(c automation.Condition) (string, error) {
	one, _ := c.Value.(string)
	folded := fmt.Sprintf("%q", match.Fold(one))
	switch c.Field + " " + c.Op {
	case "subject contains":
		return "Subject contains " + folded, nil
	case "body contains":
		return "Body contains " + folded, nil
	case "body matches":
		return fmt.Sprintf("Raw matches %q", "(?i)"+one), nil
	case "customer_email ends_with":
		return "any(Emails, # endsWith " + folded + ")", nil
	case "status is":
		return fmt.Sprintf("Status == %q", one), nil
	case "tags has_any", "tags has_none":
		var has []string
		for _, tag := range c.Value.([]any) {
			has = append(has, fmt.Sprintf("%q in Tags", match.Fold(tag.(string))))
		}
		if c.Op == "has_none" {
			return "not (" + strings.Join(has, " || ") + ")", nil
		}
		return "(" + strings.Join(has, " || ") + ")", nil
	}
	return "", fmt.Errorf("no expression for %s %s", c.Field, c.Op)
}
