package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/activities"
)

// maxRecent is how many lines of what happened lately are kept and carried.
const maxRecent = 12

// DeliverySummary is what the Temporal UI shows as a DeliveryWorkflow's summary.
func DeliverySummary(kind string) string { return "Delivery: " + kind }

// ConversationSummary is the same for a ConversationWorkflow.
func ConversationSummary(number int64) string { return fmt.Sprintf("Conversation #%d", number) }

// note remembers a line for the details: ids, kinds and outcomes only.
func (c *conversationRun) note(line string) {
	// A new slice each time: what was carried in is part of the input.
	c.recent = append(slices.Clone(c.recent), line)
	if extra := len(c.recent) - maxRecent; extra > 0 {
		c.recent = c.recent[extra:]
	}
}

func (c *conversationRun) noteRuns(answer activities.Advanced) {
	for _, r := range answer.Runs {
		var actions strings.Builder
		for i, a := range r.Actions {
			separator := ", "
			if i == 0 {
				separator = ": "
			}
			actions.WriteString(separator + a.Do + " " + a.State)
		}
		c.note(fmt.Sprintf("workflow `%s` v%d %s%s", r.WorkflowID, r.Version, r.State, actions.String()))
	}
}

func (c *conversationRun) noteDelivery(out activities.Delivered) {
	line := fmt.Sprintf("%s `%s` %s", out.Kind, out.DeliveryID, out.State)
	if out.Attempts > 1 {
		line += fmt.Sprintf(" after %d attempts", out.Attempts)
	}
	c.note(line)
}

// details is a page of Markdown for the Temporal UI.
func (c *conversationRun) details() string {
	var page []byte
	if c.last.Number != 0 {
		page = fmt.Appendf(page, "**%s**\n\n", ConversationSummary(c.last.Number))
	}
	if attention := c.attention(); attention != "" {
		page = fmt.Appendf(page, "- needs attention: %s\n", attention)
	}
	if c.last.Status != "" {
		page = fmt.Appendf(page, "- status: %s\n", c.last.Status)
	}
	page = fmt.Appendf(page, "- handled up to seq %d\n", c.last.HandledSeq)
	if c.alarm.armed() {
		page = fmt.Appendf(page, "- timer: %s\n", c.alarm.at.Format(time.RFC3339))
	}
	for _, f := range c.flights {
		page = fmt.Appendf(page, "- in flight: %s `%s`\n", f.kind, f.id)
	}
	if len(c.recent) > 0 {
		page = append(page, "\nLately:\n\n"...)
	}
	for _, line := range c.recent {
		page = fmt.Appendf(page, "- %s\n", line)
	}
	return string(page)
}
