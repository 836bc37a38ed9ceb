package access_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

func TestPolicyMatrix(t *testing.T) {
	t.Parallel()
	const (
		yes = "yes"
		no  = "forbidden"
		not = "not_found"
	)
	admin := access.Caller{User: conversation.User{Role: conversation.RoleAdmin}}
	agent := access.Caller{User: conversation.User{Role: conversation.RoleAgent, Mailboxes: []conversation.MailboxID{"own"}}}
	nobody := access.Caller{}
	// admin anywhere, agent in his mailbox, agent elsewhere, no role at all
	want := map[access.Verb][4]string{
		access.ReadMailbox:       {yes, yes, not, not},
		access.ReadConversation:  {yes, yes, not, not},
		access.WriteConversation: {yes, yes, not, not},
		access.ReadWorkflow:      {yes, yes, not, not},
		access.RunWorkflow:       {yes, yes, not, not},
		access.ReadPeople:        {yes, yes, yes, no},
		access.ManageWorkflow:    {yes, no, not, not},
		access.ManageMailbox:     {yes, no, no, no},
		access.ManageFolder:      {yes, no, not, not},
		access.ManageUser:        {yes, no, no, no},
		access.ManageToken:       {yes, no, no, no},
		access.ManageSetting:     {yes, no, no, no},
		access.ManageRollout:     {yes, no, no, no},
		access.ReadAudit:         {yes, no, no, no},
		access.ManageLogin:       {yes, yes, yes, no},
		access.Verb("no such"):   {no, no, no, no},
	}
	for _, v := range access.Verbs() {
		if _, ok := want[v]; !ok {
			t.Errorf("%s has no line in this test", v)
		}
	}
	word := func(err error) string {
		if err == nil {
			return yes
		}
		return errs.KindOf(err).String()
	}
	manager := agent
	manager.User.ManagedMailboxes = []conversation.MailboxID{"own"}
	if err := manager.In(access.ManageWorkflow, "own"); err != nil {
		t.Errorf("a manager in his mailbox: %v", err)
	}
	manager.User.Mailboxes = append(manager.User.Mailboxes, "other")
	if got := word(manager.In(access.ManageWorkflow, "other")); got != no {
		t.Errorf("a manager of another mailbox: %s, want %s", got, no)
	}
	for verb, w := range want {
		got := [4]string{word(admin.In(verb, "other")), word(agent.In(verb, "own")), word(agent.In(verb, "other")), word(nobody.In(verb, "own"))}
		if got != w {
			t.Errorf("%s: admin, member, foreign agent, nobody = %v, want %v", verb, got, w)
		}
	}
}

func TestSecretsAreWellFormedAndTypingErrorsAreNot(t *testing.T) {
	t.Parallel()
	for _, bits := range [][32]byte{{}, {1}, {31: 1}, {0: 255, 31: 255}} {
		s := access.Secret(bits)
		if len(s) != len("smk_")+49 || !access.WellFormed(s) {
			t.Errorf("%q is not well formed", s)
		}
		for i := len("smk_"); i < len(s); i++ {
			other := byte('x')
			if s[i] == other {
				other = 'y'
			}
			if typo := s[:i] + string(other) + s[i+1:]; access.WellFormed(typo) {
				t.Errorf("%q differs from a token in one character and passes", typo)
			}
		}
	}
	for _, s := range []string{"", "smk_", "smk_" + strings.Repeat("0", 48), strings.Repeat("0", 53)} {
		if access.WellFormed(s) {
			t.Errorf("%q passes", s)
		}
	}
}
