package conversation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/conversation"
)

func TestAMarkIsReadBackAndOnlyWithItsKey(t *testing.T) {
	t.Parallel()
	m := conversation.Mark{ConversationID: "0193a6a0-0000-7000-8000-000000000001", Cause: conversation.Cause{
		Origin: 17, Depth: conversation.MaxDepth, Run: "0193a6a0-0000-7000-8000-000000000002",
	}}
	for i := range conversation.MaxDepth {
		m.Cause.Path = append(m.Cause.Path, fmt.Sprintf("0193a6a0-0000-7000-8000-0000000001%02d", i))
	}
	text := m.Sign("key")
	if len(text) > conversation.MaxMark || strings.ContainsAny(text, " \r\n\t") {
		t.Errorf("%d characters: %s", len(text), text)
	}
	got, ok := conversation.ReadMark("key", " "+text+" ")
	if diff := cmp.Diff(m, got); !ok || diff != "" {
		t.Errorf("read back %v (-want +got):\n%s", ok, diff)
	}
	forged := []string{"", "v1", "v1.", "v1..", ".", text + "x", text[:len(text)-1], strings.Repeat("a", 2000)}
	for i := range text {
		c := byte('A')
		if text[i] == c {
			c = 'B'
		}
		forged = append(forged, text[:i]+string(c)+text[i+1:])
	}
	for _, f := range forged {
		if _, ok := conversation.ReadMark("key", f); ok {
			t.Errorf("a forged mark was taken: %s", f)
		}
	}
	if _, ok := conversation.ReadMark("other", text); ok {
		t.Error("the mark was taken with another key")
	}
	if _, ok := conversation.ReadMark("", conversation.Mark{}.Sign("")); ok {
		t.Error("without a key there are no marks")
	}
}

func TestACauseGoesOnWhereItCameFromAndElsewhere(t *testing.T) {
	t.Parallel()
	m := conversation.Mark{ConversationID: "one", Cause: conversation.Cause{Origin: 3, Depth: 2, Path: []string{"a", "b"}, Run: "r"}}
	if got := m.Here(conversation.Conversation{ID: "one", LastSeq: 9}); got.Origin != 3 || got.Depth != 2 {
		t.Errorf("back in its conversation: %+v", got)
	}
	if got := m.Here(conversation.Conversation{ID: "two", LastSeq: 9}); got.Origin != 0 || got.Depth != 2 || len(got.Path) != 2 {
		t.Errorf("in another conversation: %+v", got)
	}
	if got := m.Here(conversation.Conversation{ID: "one", LastSeq: 2}); got.Origin != 0 {
		t.Errorf("an origin that has not happened: %+v", got)
	}
}
