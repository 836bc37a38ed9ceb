package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

func (s *shop) change(id conversation.MailboxID, ch conversation.MailboxChange) conversation.Mailbox {
	s.t.Helper()
	m, err := s.ChangeMailbox(s.t.Context(), access.System(), id, ch)
	check(s.t, err)
	return m
}

func TestAMailboxIsReachedByAllItsAddressesAndTheirDetails(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	order, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{
		Name: "Orders", Email: "support+order@smarticks.test",
		Mail: conversation.MailSettings{Aliases: []string{"Kontakt@Bücher.test", "orders@smarticks.test"}},
	})
	check(t, err)
	for address, want := range map[string]conversation.MailboxID{
		"support@smarticks.test":         s.mailbox,
		"Support@SMARTICKS.test":         s.mailbox,
		"support+returns@smarticks.test": s.mailbox,
		"support+a+b@smarticks.test":     s.mailbox,
		"support+order@smarticks.test":   order.ID, // the exact one goes first
		"support+order+1@smarticks.test": s.mailbox,
		"orders@smarticks.test":          order.ID,
		"orders+7@smarticks.test":        order.ID,
		"kontakt@xn--bcher-kva.test":     order.ID,
		"KONTAKT@BÜCHER.test":            order.ID,
		"+order@smarticks.test":          "",
		"nobody@smarticks.test":          "",
		"nobody+support@smarticks.test":  "",
		"support@elsewhere.test":         "",
	} {
		has, err := s.HasMailboxes(t.Context(), address)
		check(t, err)
		if has[0] != (want != "") {
			t.Errorf("%s is ours: %v", address, has)
		}
		if want == "" {
			continue
		}
		s.received(t, "to "+address, to(address), addressedTo(address))
		if got := s.house.Text(`SELECT mailbox_id::text FROM messages WHERE message_id_header = $1`, "to "+address); got != string(want) {
			t.Errorf("mail to %s is in %s, want %s", address, got, want)
		}
		if got := s.house.Text(`SELECT to_addresses[1] FROM messages WHERE message_id_header = $1`, "to "+address); got != address {
			t.Errorf("conditions see %s instead of %s", got, address)
		}
	}
}

func TestAnAddressBelongsToOneMailboxAndStaysUntilItIsTakenOff(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	billing, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test"})
	check(t, err)
	next := "help@smarticks.test"
	if m := s.change(s.mailbox, conversation.MailboxChange{Email: &next}); !slices.Equal(m.Mail.Aliases, []string{"support@smarticks.test"}) {
		t.Errorf("aliases %v, want the address before", m.Mail.Aliases)
	}
	for name, ch := range map[string]conversation.MailboxChange{
		"another's alias":   {Aliases: &[]string{"x@smarticks.test", "SUPPORT@smarticks.test"}},
		"another's address": {Aliases: &[]string{next}},
		"as its address":    {Email: ptr("support@smarticks.test")},
	} {
		_, err := s.ChangeMailbox(t.Context(), access.System(), billing.ID, ch)
		if !errs.Is(err, errs.Conflict) || !strings.Contains(errs.Message(err), "another mailbox") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.CreateMailbox(t.Context(), access.System(),
		conversation.Mailbox{Name: "New", Email: "Support@smarticks.test"}); !errs.Is(err, errs.Conflict) {
		t.Errorf("a new mailbox with another's alias: %v", err)
	}
	// In the request that replaces the address it stays, in a later one it goes.
	if m := s.change(s.mailbox, conversation.MailboxChange{Email: ptr("desk@smarticks.test"),
		Aliases: &[]string{"support@smarticks.test"}}); !slices.Equal(
		m.Mail.Aliases, []string{"help@smarticks.test", "support@smarticks.test"}) {
		t.Errorf("aliases %v", m.Mail.Aliases)
	}
	if m := s.change(s.mailbox, conversation.MailboxChange{Email: ptr("support@smarticks.test")}); !slices.Equal(
		m.Mail.Aliases, []string{"desk@smarticks.test", "help@smarticks.test"}) {
		t.Errorf("an alias that becomes the address: aliases %v", m.Mail.Aliases)
	}
	s.change(s.mailbox, conversation.MailboxChange{Aliases: &[]string{}})
	if has, err := s.HasMailboxes(t.Context(), next); err != nil || has[0] {
		t.Errorf("an address that was taken off is ours: %v %v", has, err)
	}
	s.change(billing.ID, conversation.MailboxChange{Aliases: &[]string{next}})
	if n := s.house.Number(`SELECT count(*) FROM audit WHERE object_id = $1 AND after ->> 'aliases' = $2`, billing.ID, next); n != 1 {
		t.Error("the audit does not tell of an alias")
	}
}

func ptr[T any](v T) *T { return &v }

func TestMailSettingsThatCannotBeAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	many := make([]string, conversation.MaxAliases+1)
	for i := range many {
		many[i] = "a" + strings.Repeat("b", i) + "@x.test"
	}
	for path, ch := range map[string]conversation.MailboxChange{
		"aliases[1]":          {Aliases: &[]string{"a@x.test", "no address"}},
		"aliases":             {Aliases: &many},
		"personal_senders[0]": {PersonalSenders: &[]string{"no domain"}},
		"personal_senders[2]": {PersonalSenders: &[]string{"a@x.test", "x.test", "@"}},
		"mail_answers":        {Answers: ptr(conversation.MailAnswers("mail"))},
	} {
		_, err := s.ChangeMailbox(t.Context(), access.System(), s.mailbox, ch)
		if !errs.Is(err, errs.Invalid) || len(errs.Problems(err)) != 1 || errs.Problems(err)[0].Path != path {
			t.Errorf("%s: %v %v", path, err, errs.Problems(err))
		}
	}
	for path, ids := range map[string][]string{"authserv_ids[1]": {"mx.example.com", "mx example"}, "authserv_ids[0]": {""},
		"authserv_ids": many[:21]} {
		_, err := s.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{AuthservIDs: &ids})
		if !errs.Is(err, errs.Invalid) || errs.Problems(err)[0].Path != path {
			t.Errorf("%s: %v %v", path, err, errs.Problems(err))
		}
	}
	_, err := s.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{AuthservIDs: &[]string{" MX.example.com "}})
	check(t, err)
	_, err = s.HasMailboxes(t.Context(), "support@smarticks.test")
	check(t, err)
	if got := s.AuthservIDs(); !slices.Equal(got, []string{"mx.example.com"}) {
		t.Errorf("trusted are %v", got)
	}
}

func TestWhomAnAdminNamesIsAPerson(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.change(s.mailbox, conversation.MailboxChange{PersonalSenders: &[]string{"@Forms.example", "news@Bücher.test"}})
	for i, c := range []struct {
		from string
		mark conversation.Machine
		want conversation.Machine
	}{
		{"web@forms.example", conversation.MachineGenerated, ""},
		{"web@forms.example", conversation.MachineList, ""},
		{"web@forms.example", conversation.MachineSuppressed, ""},
		{"web@forms.example", conversation.MachineNullSender, ""},
		{"web@forms.example", conversation.MachineBounce, conversation.MachineBounce},
		{"web@forms.example", conversation.MachineAutoReply, conversation.MachineAutoReply},
		{"web@sub.forms.example", conversation.MachineGenerated, conversation.MachineGenerated},
		{"news@xn--bcher-kva.test", conversation.MachineList, ""},
		{"other@bücher.test", conversation.MachineList, conversation.MachineList},
	} {
		id := string(rune('a'+i)) + "@personal"
		s.received(t, id, from(c.from), marked(c.mark))
		if got := s.house.Text(`SELECT machine FROM messages WHERE message_id_header = $1`, id); got != string(c.want) {
			t.Errorf("%s, marked %s: kept as %q, want %q", c.from, c.mark, got, c.want)
		}
	}
}

func TestAUsersAnswerToANoticeIsAReplyWhereTheMailboxSaysSo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	u, err := s.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Maria", Email: "maria@smarticks.test", Role: conversation.RoleAgent})
	check(t, err)
	s.change(s.mailbox, conversation.MailboxChange{Answers: ptr(conversation.AnswersReply)})
	id := s.received(t, "one@example.com")
	notice := s.sent(id, "notify", "maria@smarticks.test")
	text := "It is on its way.\n\n> secret words of the notice\n"
	check(t, s.Receive(t.Context(), letter("two@smarticks.test", from("maria@smarticks.test"), answers(notice),
		func(in *conversation.Incoming) {
			in.Text, in.HTML, in.Quotes = text, "<p>secret</p>", []conversation.Span{{Start: 18, End: len(text)}}
		})))
	if n := s.house.Number(`SELECT count(*) FROM messages WHERE kind = 'reply' AND author_id = $1 AND body_text = 'It is on its way.' AND
		body_html = ''
		AND message_id_header = ''`, u.ID); n != 1 {
		t.Error("the answer is no reply of hers, or says more than she wrote now")
	}
	check(t, s.Receive(t.Context(), letter("three@smarticks.test", from("maria@smarticks.test"), answers(notice),
		func(in *conversation.Incoming) {
			in.Text, in.Quotes = text, []conversation.Span{{Start: 0, End: len(text)}}
		})))
	if got := s.as("three@smarticks.test"); got != "note by user" {
		t.Errorf("an answer without words of her own: %s", got)
	}
	if got := s.house.Number(`SELECT count(*) FROM events WHERE kind = 'agent_reply' AND actor_id = $1`, u.ID); got != 1 {
		t.Errorf("%d replies", got)
	}
}

// Who names a mailbox by an address may use any that mail reaches it by.
func TestAMailboxIsNamedByAnAliasToo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	orders, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{
		Name: "Orders", Email: "orders@smarticks.test",
		Mail: conversation.MailSettings{Aliases: []string{"shop@smarticks.test", "Kauf@Bücher.test"}},
	})
	check(t, err)
	for _, address := range []string{"orders@smarticks.test", "Shop@smarticks.test", "kauf@xn--bcher-kva.test"} {
		d := definition("to "+address, urgent)
		d.Actions = []automation.Action{{Do: "move", Mailbox: address}}
		made, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, d, automation.ModeOff)
		check(t, err)
		if got := made.Draft.Actions[0].Mailbox; got != string(orders.ID) {
			t.Errorf("a workflow that moves to %s moves to %s", address, got)
		}
	}
	for _, address := range []string{"orders@smarticks.test", "shop@smarticks.test", "KAUF@bücher.test", "shop+vip@smarticks.test"} {
		made, err := s.OpenConversation(t.Context(), access.System(), conversation.Opening{
			Address: address, Type: conversation.TypeAPI, Subject: "Hello", Body: "Hi", CustomerEmail: "ann@example.com",
		})
		check(t, err)
		if made.MailboxID != orders.ID {
			t.Errorf("a conversation in %s is in %s", address, made.MailboxID)
		}
	}
}
