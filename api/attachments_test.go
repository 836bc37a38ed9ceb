package api

import (
	"encoding/json"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

func TestAnAttachmentTellsWhereTheHTMLShowsIt(t *testing.T) {
	shown := showMessage(conversation.Message{Attachments: []conversation.Attachment{
		{Name: "screen.png", ContentType: "image/png", Size: 8, ContentID: "p1@x", Inline: true},
		{Name: "a.pdf", ContentType: "application/pdf", Size: 5},
	}})
	got, err := json.Marshal(shown.Attachments)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"name":"screen.png","content_type":"image/png","size":8,"content_id":"p1@x","inline":true},` +
		`{"name":"a.pdf","content_type":"application/pdf","size":5}]`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}
