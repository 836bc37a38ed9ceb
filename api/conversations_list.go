package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

type conversationFilter struct {
	PageInput
	Words      string            `query:"q" maxLength:"200" doc:"Words that the conversation has: in its subject, its messages and notes, the names of their files, or in the customer's names and addresses; or the number. Upper and lower case are the same. A word of three letters and more is found by its beginning."`
	Sort       string            `query:"sort" enum:"created,updated,waiting" default:"created" doc:"created, updated: the newest first. waiting: who waits the longest first, and only those that wait."`
	MailboxID  string            `query:"mailbox_id"`
	Status     string            `query:"status" enum:"active,pending,closed,spam"`
	State      string            `query:"state" enum:"draft,published,deleted" doc:"Without it, all but deleted ones."`
	AssigneeID string            `query:"assignee_id" doc:"A user's id, me, or unassigned (none is the same)."`
	Tag        string            `query:"tag" maxLength:"100"`
	FolderID   string            `query:"folder_id"`
	Customer   string            `query:"customer" maxLength:"254" doc:"The customer's e-mail address."`
	CustomerID string            `query:"customer_id"`
	Number     int64             `query:"number" minimum:"1"`
	Fields     map[string]string `query:"field,deepObject" doc:"Values of custom fields: field[NAME]=VALUE. Needs mailbox_id."`
	Attention  string            `query:"has_attention" enum:"true,false" doc:"Whether a person should look at the automation."`

	CreatedAfter  time.Time `query:"created_after" doc:"From this instant on (RFC 3339)."`
	CreatedBefore time.Time `query:"created_before" doc:"Before this instant."`
	UpdatedAfter  time.Time `query:"updated_after" doc:"From this instant on."`
	UpdatedBefore time.Time `query:"updated_before" doc:"Before this instant."`
}

// filter refuses ids that cannot be one, which the database would refuse later.
func (in conversationFilter) filter(who access.Caller) (conversation.Filter, error) {
	f := conversation.Filter{
		MailboxID: conversation.MailboxID(in.MailboxID), Status: conversation.Status(in.Status), State: conversation.State(in.State),
		Tag: in.Tag, FolderID: conversation.FolderID(in.FolderID), Email: in.Customer, CustomerID: conversation.CustomerID(in.CustomerID),
		Number: in.Number,
		Fields: in.Fields, CreatedFrom: in.CreatedAfter, CreatedBefore: in.CreatedBefore, UpdatedFrom: in.UpdatedAfter,
		UpdatedBefore: in.UpdatedBefore,
		Words:         strings.TrimSpace(in.Words), Sort: conversation.Sort(in.Sort),
	}
	for name, id := range map[string]string{"mailbox_id": in.MailboxID, "folder_id": in.FolderID, "customer_id": in.CustomerID} {
		if id != "" && !isID(id) {
			return f, invalid("query."+name, "this is no id")
		}
	}
	if len(in.Fields) > 0 && in.MailboxID == "" {
		return f, invalid("query.mailbox_id", "fields are those of a mailbox: say of which")
	}
	if in.Attention != "" {
		wanted := in.Attention == "true"
		f.Attention = &wanted
	}
	switch {
	case in.AssigneeID == "none", in.AssigneeID == "unassigned":
		f.Unassigned = true
	case in.AssigneeID == "me":
		f.AssigneeID = who.User.ID
	case in.AssigneeID != "" && !isID(in.AssigneeID):
		return f, invalid("query.assignee_id", "this is neither a user's id nor me or unassigned")
	default:
		f.AssigneeID = conversation.UserID(in.AssigneeID)
	}
	return f, nil
}

// key is what next_cursor holds: the order, the instant in it and the id of the
// last conversation shown.
func (in conversationFilter) key(r conversation.Record) string {
	at := conversation.Sort(in.Sort).Key(r)
	return in.Sort + " " + strconv.FormatInt(at.UnixMicro(), 10) + " " + string(r.ID)
}

// page reads it. A cursor of another order begins nowhere in this one.
func (in conversationFilter) page() (conversation.Page, error) {
	asked := conversation.Page{Limit: in.Limit + 1}
	text, err := cursor(in.Cursor)
	if err == nil && text == "" {
		return asked, nil
	}
	parts := strings.Split(text, " ")
	if err != nil || len(parts) != 3 || parts[0] != in.Sort || !isID(parts[2]) {
		return asked, errCursor()
	}
	micro, err := strconv.ParseInt(parts[1], 10, 64)
	if at := time.UnixMicro(micro); err != nil || at.Year() < 1 || at.Year() > 9999 {
		return asked, errCursor()
	}
	asked.After, asked.AfterAt = parts[2], time.UnixMicro(micro)
	return asked, nil
}

func (h conversations) list(ctx context.Context, who access.Caller, in *conversationFilter) (page[Conversation], error) {
	asked, err := in.page()
	if err != nil {
		return page[Conversation]{}, err
	}
	f, err := in.filter(who)
	if err != nil {
		return page[Conversation]{}, err
	}
	found, err := h.store.Conversations(ctx, who, f, asked)
	return render(in.PageInput, found, in.key, showConversation), err
}
