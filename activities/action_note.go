package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// note adds a note, signed by the Workflow user or by the agent.
func note(ctx context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	text, err := s.render(ctx, a.Body, automation.Text)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	s.write(conversation.Message{Kind: conversation.MessageNote, Text: text})
	return done, nil
}

// write adds a message to the conversation: of the workflow, or of the agent who
// signs it.
func (s *acting) write(m conversation.Message) conversation.Message {
	m.ID = conversation.MessageID(s.cfg.NewID())
	m.Author = conversation.Actor{Kind: conversation.ActorWorkflow, ID: string(s.version.DefinitionID)}
	if s.signer != nil {
		m.Author = conversation.Actor{Kind: conversation.ActorUser, ID: string(s.signer.ID)}
		s.editor.AddMessageOf(&m)
	} else {
		s.editor.AddMessage(&m)
	}
	s.messages = append(s.messages, m)
	return m
}
