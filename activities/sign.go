package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// sign says who signs what the action writes. The reason is why nobody can.
func (s *acting) sign(ctx context.Context, a automation.Action) (reason string, err error) {
	s.signer = nil
	if a.As != automation.AsAgent {
		return "", nil
	}
	if s.run.Actor.Kind != conversation.ActorUser {
		return "nobody runs this workflow by hand: there is no agent to write as", nil
	}
	if s.signer, err = s.user(ctx, conversation.UserID(s.run.Actor.ID)); err == nil && s.signer == nil {
		return "the agent who runs the workflow is gone", nil
	}
	return "", err
}

// signed makes a mail to the customer the workflow's, marked as automatic; or the
// agent's own, by their name and without such marks: who chose to run it wrote it.
func (s *acting) signed(m delivery.Mail, automatic string) delivery.Mail {
	if s.signer != nil {
		m.FromName = s.signer.Name
		return m
	}
	m.AutoSubmitted, m.Loop = automatic, s.loopMark()
	return m
}
