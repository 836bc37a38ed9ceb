package conversation_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

func TestAViewMarkNamesItsMessageAndCannotBeMade(t *testing.T) {
	t.Parallel()
	const id = conversation.MessageID("01900000-0000-7000-8000-00000000cccc")
	mark := conversation.ViewMark("a key", id)
	if got, ok := conversation.ReadViewMark("a key", mark); !ok || got != id {
		t.Fatalf("%q, %v", got, ok)
	}
	if mark == "" || strings.ContainsAny(mark, "+/=.") {
		t.Errorf("%q cannot stand in an address", mark)
	}
	for i := range mark {
		other := "A"
		if mark[i:i+1] == other {
			other = "B"
		}
		if got, ok := conversation.ReadViewMark("a key", mark[:i]+other+mark[i+1:]); ok {
			t.Errorf("character %d changed: read as %s", i, got)
		}
	}
	for _, wrong := range []string{"", "x", mark + "A", mark[:len(mark)-1], strings.Repeat("A", len(mark)), "ü"} {
		if _, ok := conversation.ReadViewMark("a key", wrong); ok {
			t.Errorf("%q is read as a mark", wrong)
		}
	}
	if _, ok := conversation.ReadViewMark("another key", mark); ok {
		t.Error("any key reads it")
	}
	if _, ok := conversation.ReadViewMark("", conversation.ViewMark("", id)); ok {
		t.Error("without a key there are marks")
	}
	if got := conversation.ViewMark("a key", "no id"); got != "" {
		t.Errorf("what is no id has the mark %q", got)
	}
}
