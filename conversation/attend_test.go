package conversation_test

import (
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// A workflow that is stopped is not hidden by a mail that did not arrive.
func TestAttentionIsTheNewestButAStoppedWorkflowStays(t *testing.T) {
	t.Parallel()
	const (
		mail    = conversation.AttentionUndelivered + "5.1.1"
		answer  = "the mailbox could not answer by itself"
		fails   = "the workflow “assigns” failed here: an action failed: x"
		paused  = "a workflow failed and is paused here"
		limited = "a workflow reached a limit and is paused here"
	)
	for _, c := range [][3]string{
		{"", mail, mail}, {mail, answer, answer}, {answer, fails, fails}, {fails, mail, fails}, {paused, answer, paused},
		{limited, mail, limited},
		{fails, limited, limited}, {limited, fails, fails},
	} {
		conv := conversation.Conversation{Attention: c[0]}
		conv.Call(c[1])
		if conv.Attention != c[2] {
			t.Errorf("%q after %q: %q, want %q", c[1], c[0], conv.Attention, c[2])
		}
	}
}
