package inbox

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// RateConversation records how satisfied the customer is, in the customer's
// name. The same rating with the same comment again changes nothing.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Invalid (with
// problems), errs.Conflict (it is deleted), errs.Unavailable.
func (s *Store) RateConversation(ctx context.Context, who access.Caller, id conversation.ID, rating conversation.Rating,
	comment string) (conversation.Record, error) {
	const op = "store.RateConversation"
	var p pg.Problems
	if !slices.Contains(conversation.Ratings, rating) {
		p.Add("rating", "this must be great, okay or not_good")
	}
	comment = strings.TrimSpace(comment)
	if utf8.RuneCountInString(comment) > conversation.MaxRatingComment || strings.ContainsRune(comment, 0) {
		p.Add("comment", "this must be a text of at most 2000 characters")
	}
	if err := p.Err(op); err != nil {
		return conversation.Record{}, err
	}
	err := s.Edit(ctx, op, id, conversation.Actor{}, func(_ pgx.Tx, c *conversation.Conversation, ed *conversation.Editor) (runs.Step, error) {
		if err := mayWrite(op, who, *c); err != nil {
			return runs.Step{}, err
		}
		ed.As(conversation.Actor{Kind: conversation.ActorCustomer, ID: string(c.CustomerID)})
		ed.Rate(rating, comment)
		return runs.Step{}, nil
	})
	if err != nil {
		return conversation.Record{}, err
	}
	r, err := tables.ReadRecord(ctx, s.db.Pool, id)
	return r, pg.Classify(op, err)
}
