package activities

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// render fills in a template.
func (s *acting) render(ctx context.Context, source string, target automation.Target) (string, error) {
	return s.fill(ctx, source, target, false)
}

// renderToCustomer fills in a template of automatic mail to the customer. What the
// customer wrote is missing where nothing shows that it was them.
func (s *acting) renderToCustomer(ctx context.Context, source string, target automation.Target) (string, error) {
	return s.fill(ctx, source, target, s.wordless())
}

func (s *acting) fill(ctx context.Context, source string, target automation.Target, wordless bool) (string, error) {
	t, problems := automation.ParseTemplate(source)
	if len(problems) > 0 {
		return "", errs.Bad("activities.render", "the template cannot be read: "+problems[0].Message, problems)
	}
	vars, err := s.vars(ctx, source)
	if err != nil {
		return "", err
	}
	if wordless {
		vars = vars.WithoutCustomer()
	}
	return t.Render(target, vars), nil
}

// vars gathers what templates may name. Users are read only where the template
// names one.
func (s *acting) vars(ctx context.Context, source string) (automation.Vars, error) {
	v := automation.Vars{
		Conversation: s.conv, URL: s.url(), Customer: s.around.Customer, Mailbox: s.around.Mailbox,
		WorkflowUser: &conversation.User{Name: s.around.WorkflowUser(), Email: s.around.WorkflowUserAddress()},
		Now:          s.now.In(s.around.Mailbox.Calendar().Zone),
	}
	if s.signer != nil {
		v.WorkflowUser = s.signer
	}
	if !strings.Contains(source, "assignee.") && !strings.Contains(source, "agent.") {
		return v, nil
	}
	var err error
	if v.Assignee, err = s.user(ctx, s.conv.AssigneeID); err != nil {
		return v, err
	}
	if s.run.Actor.Kind == conversation.ActorUser {
		v.Agent, err = s.user(ctx, conversation.UserID(s.run.Actor.ID))
	}
	return v, err
}

// url is where a person can look at the conversation.
func (x *advance) url() string {
	return strings.TrimSuffix(x.around.BaseURL, "/") + "/v1/conversations/" + string(x.conv.ID)
}

// renderTree fills in the templates in a tree of JSON values; the encoder
// escapes them.
func (s *acting) renderTree(ctx context.Context, tree any) (any, error) {
	source, err := json.Marshal(tree)
	if err != nil {
		return nil, errs.Wrap("activities.renderTree", errs.Invalid, "the body cannot be written as JSON", err)
	}
	vars, err := s.vars(ctx, string(source))
	if err != nil {
		return nil, err
	}
	return automation.RenderTree(tree, vars), nil
}
