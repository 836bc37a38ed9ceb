package app

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/starter"
	"github.com/smarticks/smarticks/store"
)

// OpenConversation adapts the store's transaction to what the activities ask for.
func OpenConversation(s *store.Store) activities.Opener {
	return func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
		return s.WithConversation(ctx, id, func(ctx context.Context, c *store.Conversation) error { return do(ctx, c) })
	}
}

// outbox adapts the store's outbox to what the starter asks for.
type outbox struct{ *store.Store }

// Claim implements starter.Outbox.
func (o outbox) Claim(ctx context.Context, limit int) ([]starter.Ring, time.Duration, error) {
	claimed, next, err := o.Store.Claim(ctx, limit)
	rings := make([]starter.Ring, len(claimed))
	for i, r := range claimed {
		rings[i] = starter.Ring{
			ConversationID: string(r.ConversationID), Number: r.Number, MailboxID: string(r.MailboxID), Status: string(r.Status),
			Seq: r.Seq, Manual: r.Manual, DeliveryID: string(r.DeliveryID), DeliveryKind: string(r.DeliveryKind),
		}
	}
	return rings, next, err
}
