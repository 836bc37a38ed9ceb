// Package notice has the words of the mails that the product writes to admins: what
// happened, what it means, and by which request of the API it is looked at or mended. It
// is pure: it has no I/O and no clock.
package notice

import (
	"fmt"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// The requests that notices name.
const (
	resumeHere = "POST /v1/conversations/%s/workflows/%s/resume"
	resume     = "POST /v1/workflows/%s/resume"
	change     = "PATCH /v1/workflows/%s"
	failedRuns = "GET /v1/workflows/%s/runs?state=failed"
	settings   = "GET /v1/settings"
)

// PausedHere is for a workflow that is paused on one conversation.
func PausedHere(workflow string, p runs.Pause) (subject, text string) {
	subject = fmt.Sprintf("The workflow %q is paused on conversation #%d", workflow, p.Number)
	return subject, paragraphs(
		fmt.Sprintf("%s: %s.", subject, p.Reason),
		"It runs everywhere else. When what led to this is mended, resume it here:",
		fmt.Sprintf(resumeHere, p.ConversationID, p.DefinitionID))
}

// PausedEverywhere is for a workflow that came to its limit of runs.
func PausedEverywhere(workflow string, p runs.Pause) (subject, text string) {
	return fmt.Sprintf("The workflow %q is paused", workflow), paragraphs(
		fmt.Sprintf("The workflow %q is paused on all conversations: %s.", workflow, p.Reason),
		"If it is meant to run so often, raise runs_per_workflow in the settings. Then resume it:",
		fmt.Sprintf(resume, p.DefinitionID))
}

// SwitchedOff is for workflows that name what is gone.
func SwitchedOff(reason string, workflows []automation.Workflow) (subject, text string) {
	lines := make([]string, len(workflows))
	for i, w := range workflows {
		lines[i] = fmt.Sprintf("  %s ("+change+")", w.Draft.Name, w.ID)
	}
	subject = fmt.Sprintf("%d workflows are switched off", len(workflows))
	if len(workflows) == 1 {
		subject = fmt.Sprintf("The workflow %q is switched off", workflows[0].Draft.Name)
	}
	return subject, paragraphs(
		"Switched off, since "+reason+":",
		strings.Join(lines, "\n"),
		"Change them, publish them, and switch them on again.")
}

// Failing is for a workflow whose run on the conversation of the number failed.
func Failing(run runs.Run, number int64) (subject, text string) {
	return fmt.Sprintf("The workflow %q fails", run.Name), paragraphs(
		fmt.Sprintf("The workflow %q (version %d) failed on conversation #%d: %s.", run.Name, run.VersionNumber, number,
			strings.TrimSuffix(run.Reason, ".")),
		"It may fail elsewhere for the same reason: you are told of it once a day, or again when the workflow was changed. All runs that failed:",
		fmt.Sprintf(failedRuns, run.DefinitionID))
}

// MailKeptBack is for automatic mail that came to a limit on the conversation of the
// number.
func MailKeptBack(l conversation.MailLimit, number int64) (subject, text string) {
	who := "one address"
	if l.Recipient == "" {
		who = "one customer"
	}
	return fmt.Sprintf("Automatic mail to %s is kept back (conversation #%d)", who, number), paragraphs(
		fmt.Sprintf("Automatic mail to %s is kept back since conversation #%d: %s.", who, number, l.Reason),
		"The usual cause is a machine that answers every mail without saying that it is one. What would mail there is not done, or waits "+
			"until it may; "+
			"everybody else is answered as ever. The runs that did nothing have the state limited.",
		"You are told of this once within 3 hours. The limits are settings (mails_per_recipient and others):",
		settings)
}

func paragraphs(text ...string) string { return strings.Join(text, "\n\n") + "\n" }
