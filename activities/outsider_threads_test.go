package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// Answers as mail programs and relays of all sorts write them, and mails that only look
// like answers: which of them are in the conversation.
func TestOutsidersAnswersOfAllMailPrograms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := access.Caller{User: h.User("maria", h.support.ID)}
	const hers = "CAF+piet=Q@brief.example"
	id := h.letter("piet@brief.example", h.support.Email, heading("Piet <piet@brief.example>", h.support.Email, "Ketel", hers), "Hij lekt.")
	_, err := h.Store.PostMessage(t.Context(), maria, id, conversation.Post{Kind: conversation.MessageReply, Body: "Welke?"})
	testhouse.Must(t, err)
	h.advance(id)
	ours := h.ours(id, "reply")
	i := 0
	for name, c := range map[string]struct {
		from, head string
		joins      bool
	}{
		"words around the id": {"piet@brief.example",
			"In-Reply-To: Your message of \"Fri, 27 Nov 2026 10:00:00 +0000.\"\n <" + ours + ">", true},
		"References alone, folded by tabs": {"piet@brief.example", "References: <onbekend@elders.example>\n\t<" + ours + ">\n\t", true},
		"two ids without a space":          {"piet@brief.example", "References: <onbekend@elders.example><" + ours + ">", true},
		"an id in capitals":                {"piet@brief.example", "In-Reply-To: <" + strings.ToUpper(ours) + ">", true},
		"an id without brackets":           {"piet@brief.example", "In-Reply-To: " + ours, true},
		"a gateway's id in front of ours": {"piet@brief.example",
			"In-Reply-To: <1@gateway.example>\nReferences: <" + ours + "> <1@gateway.example>", true},
		"his own id":                        {"Piet <PIET@Brief.Example>", "In-Reply-To: <" + hers + ">", true},
		"his own id, with a comment behind": {"piet@brief.example", "In-Reply-To: <" + hers + "> (Piet)", true},
		"his address at home, by our id":    {"piet@thuis.example", "In-Reply-To: <" + ours + ">", true},
		"his address at home, by his id":    {"piet@thuis.example", "In-Reply-To: <" + hers + ">", false},
		"his id in small letters":           {"piet@brief.example", "In-Reply-To: <" + strings.ToLower(hers) + ">", false},
		"our id in a field of another name": {"piet@brief.example", "X-In-Reply-To: <" + ours + ">", false},
		"an id that is made like ours": {"piet@brief.example", "In-Reply-To: <01a220aa-242d-7429-b761-5524c4d2e790@smarticks.test>",
			false},
		"nothing but the subject and a signature": {"piet@brief.example", "X-Nothing: x", false},
	} {
		i++
		got := h.letter("piet@brief.example", h.support.Email,
			heading(c.from, h.support.Email, "Re: Ketel", fmt.Sprintf("antwoord%d@brief.example", i), c.head), "De blauwe.\n-- \n"+ours)
		if (got == id) != c.joins {
			t.Errorf("%s: joins %v, want %v", name, got == id, c.joins)
		}
	}
}

// Copies of one mail, as groups, aliases and antivirus programs make them, and mails
// that only share its Message-ID.
func TestOutsidersCopiesOfOneMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.answersByItself()
	mails := func() string { return h.Column(`SELECT count(*) FROM messages WHERE kind = 'customer'`)[0] }
	comes := func(from, subject, mid, date, more, body string) {
		h.letter("anyone@relay.example", h.support.Email,
			"From: "+from+"\nTo: "+h.support.Email+"\nSubject: "+subject+"\nMessage-ID: <"+mid+">\n"+date+more, body)
	}
	const date, mid = "Date: Fri, 27 Nov 2026 10:00:00 +0000", "0001.kaffe@brev.example"
	comes("Åse <ase@brev.example>", "Kaffetrakter", mid, date, "", "Den lekker.")
	first := mails()
	for _, c := range []struct{ name, from, subject, date, more, body string }{
		{"through an antivirus program", "Åse <ase@brev.example>", "***SPAM?*** Kaffetrakter", date, "\nX-Scanned: yes\nReceived: from a by b",
			"Den lekker.\n\nChecked, no virus."},
		{"through a group that names itself", "\"Åse (via alle)\" <ase@brev.example>", "[alle] Kaffetrakter", date,
			"\nList-Id: <alle.brev.example>\nReply-To: alle@brev.example", "Den lekker.\n_____\nalle"},
		{"in another zone", "ase@brev.example", "Kaffetrakter", "Date: Fri, 27 Nov 2026 19:00:00 +0900 (JST)", "", "Den lekker."},
		{"without the day of the week", "ase@brev.example", "Kaffetrakter", "Date: 27 Nov 2026 10:00:00 GMT", "", "Den lekker."},
		{"the address in capitals, the date folded", "ASE@BREV.EXAMPLE", "Kaffetrakter", "Date: Fri, 27 Nov 2026\n 10:00:00 +0000", "",
			"Den lekker."},
		{"sent on by a program that resends", "ase@brev.example", "Kaffetrakter", date,
			"\nResent-From: bo@brev.example\nResent-Message-ID: <r@brev.example>\nResent-Date: Sat, 28 Nov 2026 10:00:00 +0000", "Den lekker."},
	} {
		comes(c.from, c.subject, mid, c.date, c.more, c.body)
		if mails() != first {
			t.Fatalf("%s: it is there twice", c.name)
		}
	}
	if n := h.automatic("ase@brev.example"); n != 1 {
		t.Errorf("%d automatic answers to one mail", n)
	}
	want := 1
	for _, c := range []struct{ name, from, date, body string }{
		{"a device that always gives the same id", "ase@brev.example", "Date: Fri, 27 Nov 2026 10:05:00 +0000", "Den lekker enda."},
		{"somebody else who took the id", "eve@evil.example", date, "Den lekker."},
		{"without a date", "ase@brev.example", "X-Date: none", "Den lekker mer."},
		{"without a date, other words", "ase@brev.example", "X-Date: none", "Den lekker mye mer."},
		{"a date that is none", "ase@brev.example", "Date: i dag", "Den lekker i dag."},
	} {
		comes(c.from, "Kaffetrakter", mid, c.date, "", c.body)
		if want++; mails() != fmt.Sprint(want) {
			t.Errorf("%s: %s mails, want %d", c.name, mails(), want)
			break
		}
	}
}

// Who is who: each writes into one conversation, and only what the customer and those
// they named wrote counts as the customer's. Nobody else's words reach them.
func TestOutsidersWhoIsWho(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.limits(conversation.Limits{WorkflowHere: 1000, Here: 1000, Recipient: 1000, RecipientSubject: 1000, RecipientDay: 1000})
	maria := h.User("maria", h.support.ID)
	h.workflow(automation.Definition{Name: "asks", Conditions: rows(row("new_conversation", "", nil), row("subject", "is", "Bomba")),
		Actions: []automation.Action{
			{Do: automation.DoForward, To: []string{"ventas@fabrica.example"}, Body: "¿es conocido?"},
			{Do: automation.DoNotify, To: []string{string(maria.ID)}, Body: "mira"}}})
	h.workflow(automation.Definition{Name: "replied", MaxRuns: 99, RepliesPerHour: 10, Conditions: rows(row("customer_replied", "", nil)),
		Actions: []automation.Action{tag("replied")}})
	const hers = "b1@cliente.example"
	id := h.letter("ines@cliente.example", h.support.Email, heading("Inés <ines@cliente.example>", h.support.Email, "Bomba", hers,
		"Cc: =?utf-8?b?55Sw5Lit?= <tanaka@例え.example>, grupo: raul@cliente.example, \"Sol, V.\" <sol@cliente.example>;"), "Pierde agua.")
	who := access.Caller{User: maria}
	_, err := h.Store.PostMessage(t.Context(), who, id, conversation.Post{Kind: conversation.MessageReply, Body: "¿Cuál?"})
	testhouse.Must(t, err)
	h.advance(id)
	reply, forward, notice := h.ours(id, "reply"), h.ours(id, "forward"), h.ours(id, "notify")
	closed := conversation.Change{Status: new(conversation.StatusClosed), Tags: &[]string{}}
	const customer, third, note, elsewhere = "customer", "third_party", "note", ""
	for i, c := range []struct {
		name, from, answers, more string
		kind                      string // of the message; elsewhere: it is not here
	}{
		{"a colleague in copy, by the other form of the domain", "Tanaka <TANAKA@xn--r8jz45g.example>", hers, "", customer},
		{"one of a group in copy", "sol@cliente.example", reply, "", customer},
		{"a colleague names another one", "raul@cliente.example", reply, "\nCc: nuria@cliente.example", customer},
		{"that one answers", "Nuria <nuria@cliente.example>", hers, "", customer},
		{"the customer by a list of the firm", "Inés <ines@cliente.example>", reply, "\nList-Id: <todos.cliente.example>\nPrecedence: list",
			customer},
		{"the factory, by another address of it", "taller@fabrica.example", forward, "\nCc: jefe@fabrica.example", third},
		{"whom the factory copied", "jefe@fabrica.example", forward, "", third},
		{"a stranger who got our answer sent on", "eve@evil.example", reply, "", third},
		{"a stranger with the customer in Reply-To", "eve@evil.example", reply, "\nReply-To: ines@cliente.example", third},
		{"a stranger with the customer's name", "\"ines@cliente.example\" <eve@evil.example>", reply, "", third},
		{"a stranger with the customer as Sender", "eve@evil.example", reply, "\nSender: ines@cliente.example", third},
		{"a user's address without their notice", "maria@smarticks.test", reply, "", third},
		{"a user with their notice", "Maria <Maria@smarticks.test>", notice, "", note},
		{"somebody else with the user's notice", "eve@evil.example", notice, "", third},
		{"a server that gives the forward back", "MAILER-DAEMON@fabrica.example", forward, "\nX-Failed-Recipients: ventas@fabrica.example",
			third},
		{"a stranger by the customer's id", "eve@evil.example", hers, "", elsewhere},
		{"who was in a blind copy, by the customer's id", "oculto@cliente.example", hers, "", elsewhere},
	} {
		h.change(id, closed)
		h.advance(id)
		before := h.Conversation(id)
		got := h.letter("bounce@"+c.from[strings.LastIndex(c.from, "@")+1:], h.support.Email,
			heading(c.from, h.support.Email, "Re: Bomba", fmt.Sprintf("w%d@cartas.example", i),
				"In-Reply-To: <"+c.answers+">")+c.more, fmt.Sprintf("Palabras %d de %s", i, c.kind))
		now := h.Conversation(id)
		if c.kind == elsewhere {
			if got == id || now.Messages != before.Messages {
				t.Errorf("%s: it is in the conversation", c.name)
			}
			continue
		}
		if kinds := h.kinds(id); got != id || !strings.HasSuffix(kinds, " "+c.kind) {
			t.Errorf("%s: it joins %v, messages %s", c.name, got == id, kinds)
		}
		if counts := now.Status == conversation.StatusActive && slices.Contains(now.Tags, "replied"); counts != (c.kind == customer) ||
			now.WaitingSince.Equal(before.WaitingSince) == (c.kind == customer) {
			t.Errorf("%s: status %s, tags %v, waiting since %v", c.name, now.Status, now.Tags, now.WaitingSince)
		}
	}
	_, err = h.Store.PostMessage(t.Context(), who, id, conversation.Post{Kind: conversation.MessageReply, Body: "La respuesta"})
	testhouse.Must(t, err)
	h.advance(id)
	all := strings.Join(h.mailTo(id, "ines@cliente.example"), "\n")
	if !strings.Contains(all, "La respuesta") || !strings.Contains(all, "de customer") {
		t.Errorf("the test does not see what the customer gets: %s", all)
	}
	for _, theirs := range []string{"de third_party", "de note", "evil.example", "fabrica.example"} {
		if strings.Contains(all, theirs) {
			t.Errorf("the customer gets %q: %s", theirs, all)
		}
	}
}
