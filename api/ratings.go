package api

import (
	"context"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// ratingStore keeps what customers think of us.
type ratingStore interface {
	RateConversation(ctx context.Context, who access.Caller, id conversation.ID, rating conversation.Rating,
		comment string) (conversation.Record, error)
}

type ratings struct{ store ratingStore }

type ratingInput struct {
	ByID
	Body struct {
		Rating  conversation.Rating `json:"rating" enum:"great,okay,not_good"`
		Comment string              `json:"comment,omitempty" maxLength:"2000" doc:"What the customer said to it."`
	}
}

func (h ratings) rate(ctx context.Context, who access.Caller, in *ratingInput) (Conversation, error) {
	r, err := h.store.RateConversation(ctx, who, conversation.ID(in.ID), in.Body.Rating, in.Body.Comment)
	return showConversation(r), err
}
