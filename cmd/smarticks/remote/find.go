package remote

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/errs"
)

// isID reports whether a word of the command line is an id.
func isID(s string) bool { return len(s) == 36 && strings.Count(s, "-") == 4 }

// mailboxes returns the mailboxes that the word names: all for an empty one, else
// the one with that id, address or name.
func mailboxes(ctx context.Context, c *client.Client, word string) ([]client.Mailbox, error) {
	all, err := client.All(c.Mailboxes(ctx))
	if err != nil || word == "" {
		return all, err
	}
	var found []client.Mailbox
	for _, m := range all {
		if m.ID == word || strings.EqualFold(m.Email, word) || strings.EqualFold(m.Name, word) {
			found = append(found, m)
		}
	}
	return found, onlyOne("mailbox", word, len(found), "name it by its address")
}

// workflow returns the workflow with the id or the name, looked for in the
// mailboxes that the word names.
func workflow(ctx context.Context, c *client.Client, mailbox, word string) (client.Workflow, error) {
	if isID(word) {
		return c.Workflow(ctx, word)
	}
	boxes, err := mailboxes(ctx, c, mailbox)
	if err != nil {
		return client.Workflow{}, err
	}
	var found []client.Workflow
	for _, m := range boxes {
		for w, err := range c.Workflows(ctx, m.ID) {
			if err != nil {
				return w, err
			}
			if strings.EqualFold(w.Name, word) {
				found = append(found, w)
			}
		}
	}
	if err := onlyOne("workflow", word, len(found), "say in which with --mailbox"); err != nil {
		return client.Workflow{}, err
	}
	return found[0], nil
}

// conversation returns the conversation with the id or the number.
func conversation(ctx context.Context, c *client.Client, word string) (client.Conversation, error) {
	if isID(word) {
		return c.Conversation(ctx, word)
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64)
	if err != nil || n < 1 {
		return client.Conversation{}, errs.New("remote", errs.Invalid, fmt.Sprintf("%q is neither the number nor the id of a conversation", word))
	}
	found, ok, err := client.First(c.Conversations(ctx, client.ConversationFilter{Number: n}))
	if err == nil && !ok {
		err = errs.New("remote", errs.NotFound, fmt.Sprintf("there is no conversation #%d, or it is not yours to see", n))
	}
	return found, err
}

// onlyOne is nil when exactly one was found.
func onlyOne(what, word string, found int, hint string) error {
	switch found {
	case 0:
		return errs.New("remote", errs.NotFound, fmt.Sprintf("there is no %s %q, or it is not yours to see", what, word))
	case 1:
		return nil
	default:
		return errs.New("remote", errs.Invalid, fmt.Sprintf("there are %d %ss %q: %s", found, what, word, hint))
	}
}
