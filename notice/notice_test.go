package notice_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/notice"
)

func TestNoticesSayWhatHappenedAndByWhichRequestItIsMended(t *testing.T) {
	t.Parallel()
	paused := runs.Pause{DefinitionID: "w1", ConversationID: "c1", Number: 7, Reason: "it ran 5 times"}
	off := []automation.Workflow{{ID: "w1", Draft: automation.Definition{Name: "Greet"}},
		{ID: "w2", Draft: automation.Definition{Name: "Sort"}}}
	type mail struct{ subject, text string }
	of := func(subject, text string) mail { return mail{subject, text} }
	for name, c := range map[string]struct {
		got     mail
		subject string
		says    []string
	}{
		"paused here": {of(notice.PausedHere("Greet", paused)), `The workflow "Greet" is paused on conversation #7`,
			[]string{"#7: it ran 5 times.\n", "\nPOST /v1/conversations/c1/workflows/w1/resume\n"}},
		"paused everywhere": {of(notice.PausedEverywhere("Greet", paused)), `The workflow "Greet" is paused`,
			[]string{"on all conversations: it ran 5 times.\n", "\nPOST /v1/workflows/w1/resume\n"}},
		"one is off": {of(notice.SwitchedOff("the user Ann was deleted", off[:1])), `The workflow "Greet" is switched off`,
			[]string{"since the user Ann was deleted:\n", "  Greet (PATCH /v1/workflows/w1)\n"}},
		"two are off": {of(notice.SwitchedOff("the user Ann was deleted", off)), "2 workflows are switched off",
			[]string{"  Greet (PATCH /v1/workflows/w1)\n  Sort (PATCH /v1/workflows/w2)\n"}},
		"failing": {of(notice.Failing(runs.Run{DefinitionID: "w1", Name: "Greet", VersionNumber: 3, Reason: "no such tag."}, 7)),
			`The workflow "Greet" fails`,
			[]string{"(version 3) failed on conversation #7: no such tag.\n", "\nGET /v1/workflows/w1/runs?state=failed\n"}},
		"an address": {of(notice.MailKeptBack(conversation.MailLimit{Recipient: "ann@example.com", Reason: "20 mails in 3 hours"}, 7)),
			"Automatic mail to one address is kept back (conversation #7)", []string{"#7: 20 mails in 3 hours.\n", "\nGET /v1/settings\n"}},
		"a customer": {of(notice.MailKeptBack(conversation.MailLimit{Reason: "20 mails in 3 hours"}, 7)),
			"Automatic mail to one customer is kept back (conversation #7)", nil},
	} {
		if c.got.subject != c.subject {
			t.Errorf("%s has the subject %q", name, c.got.subject)
		}
		for _, words := range c.says {
			if !strings.Contains(c.got.text, words) {
				t.Errorf("%s does not say %q:\n%s", name, words, c.got.text)
			}
		}
		if strings.Contains(c.got.text, "%!") || strings.Contains(c.got.text, "ann@example.com") {
			t.Errorf("%s: %s", name, c.got.text)
		}
	}
}
