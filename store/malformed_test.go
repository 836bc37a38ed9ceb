package store_test

import (
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

func TestWhatIsNoIDNamesNoConversation(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	closed := conversation.StatusClosed
	_, changed := s.ChangeConversation(t.Context(), access.System(), "nonsense", conversation.Change{Status: &closed})
	_, posted := s.PostMessage(t.Context(), access.System(), "nonsense", conversation.Post{Kind: conversation.MessageCustomer, Body: "Hi"})
	for name, err := range map[string]error{
		"change": changed, "post": posted, "delete": s.DeleteConversation(t.Context(), access.System(), "nonsense"),
	} {
		if errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}
