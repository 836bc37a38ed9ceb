package remote

import (
	"fmt"
	"io"
	"strings"

	"github.com/smarticks/smarticks/client"
)

// printPlan prints what is done in a mailbox.
func printPlan(out io.Writer, mailbox string, p client.Plan) {
	if p.Empty() {
		fmt.Fprintf(out, "%s: nothing to do\n", mailbox)
	} else {
		fmt.Fprintf(out, "%s:\n", mailbox)
	}
	for _, s := range p.Steps {
		fmt.Fprintf(out, "  %s %s%s\n", s.Do, s.Name, effects(s))
		for _, sentence := range s.Sentences {
			fmt.Fprintln(out, "      "+sentence)
		}
		for _, c := range s.Changes {
			fmt.Fprintf(out, "      %s: %s -> %s\n", c.Path, orNothing(c.Before), orNothing(c.After))
		}
	}
	if p.Reorder != nil {
		fmt.Fprintln(out, "  order "+strings.Join(p.Reorder.After, ", "))
	}
	if len(p.Unmanaged) > 0 {
		fmt.Fprintf(out, "  not in the files, stays (--prune deletes it): %s\n", strings.Join(p.Unmanaged, ", "))
	}
	printWarnings(out, p.Warnings)
}

// effects says what else becomes of a workflow.
func effects(s client.PlanStep) string {
	var words []string
	if s.Mode != nil {
		words = append(words, "switched "+s.Mode.To)
	}
	if s.Publish {
		words = append(words, "published")
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

func orNothing(json string) string {
	if json == "" {
		return "nothing"
	}
	return json
}

func printWarnings(out io.Writer, list []client.PlanWarning) {
	for _, w := range list {
		at := w.Workflow
		if w.Path != "" {
			at += ", " + w.Path
		}
		fmt.Fprintf(out, "  warning: %s: %s (%s)\n", at, w.Message, w.Help)
	}
}
