package inbox

import (
	"regexp"
	"testing"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// A column that is read of conversations is written when a mail begins one.
func TestAMailWritesEveryColumnOfAConversation(t *testing.T) {
	t.Parallel()
	row := conversationRow(conversation.Conversation{})
	read := regexp.MustCompile(`c\.(\w+)`).FindAllStringSubmatch(tables.ConversationColumns, -1)
	for _, column := range read {
		if _, written := row[column[1]]; !written && column[1] != "number" {
			t.Errorf("conversationRow lacks %s", column[1])
		}
	}
	if len(read) != len(row)+1 {
		t.Errorf("%d columns are read and %d written", len(read), len(row))
	}
	for _, column := range begunWith {
		if _, known := row[column]; !known {
			t.Errorf("begunWith names %s, which is no column", column)
		}
	}
}
