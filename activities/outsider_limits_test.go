package activities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// Peers that answer everything and say of none of it that a machine wrote it, each in a
// way of its own: each ends after its number of mails, admins are told once of each, and
// a person from elsewhere is answered.
func TestOutsidersPeersThatAnswerEverythingEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admin("root")
	h.answersByItself()
	members := map[string]struct {
		peer string // as a pattern over the recipients of what leaves
		from func(i int) string
		says func(i int) string // the subject
		want int
	}{
		"a Portuguese desk that gives numbers": {"loja", always("Atendimento <atendimento@loja.example>"),
			func(i int) string {
				return fmt.Sprintf("[Chamado %d] Recebemos a sua solicitação, protocolo 2026/%d", 100+i, i)
			}, 2},
		"a Japanese desk with wide digits": {"madoguchi", always("窓口 <desk@madoguchi.example>"),
			func(i int) string {
				return "【受付番号：１２３" + string(rune('０'+i%10)) + "】お問い合わせありがとうございます"
			}, 2},
		"a desk that repeats our subject in its own": {"ekko", always("Ekko <post@ekko.example>"),
			func(i int) string { return strings.Repeat("Takk for meldingen: Re: ", i+1) + "Hei" }, 2},
		"forms of many shops that all name one person": {"lea@", func(i int) string {
			return fmt.Sprintf("Shop <form@shop%d.example>\nReply-To: Lea <lea@briefe.example>", i)
		},
			subjectOf, 2},
		"a desk with an address for each ticket": {"mesa",
			func(i int) string { return fmt.Sprintf("Mesa de Ayuda <ayuda+id%d@mesa.example>", i) }, subjectOf, 10},
		"a desk that wants answers at an address for each ticket": {"fluxo", func(i int) string {
			return fmt.Sprintf("Fluxo <desk@fluxo.example>\nReply-To: <desk+t%d@fluxo.example>", i)
		}, subjectOf, 10},
		"an address in letters and in its ASCII form": {"b(ü|xn--b)cher", func(i int) string {
			return []string{"Kasse <KASSE@bücher.example>", "kasse@xn--bcher-kva.example", "Kasse (Automat) <kasse@BÜCHER.example>"}[i%3]
		}, subjectOf, 10},
		"another name each time": {"namen", func(i int) string { return fmt.Sprintf("\"Agent %d, Namen GmbH\" <agent@namen.example>", i) },
			subjectOf, 10},
	}
	for name, c := range members {
		for i := range 12 {
			mid := fmt.Sprintf("%d-%s@peer.example", i, strings.ReplaceAll(name, " ", "-"))
			h.letter("bounce@peer.example", h.support.Email, heading(c.from(i), h.support.Email, c.says(i), mid), "We have your message.")
		}
		if n := len(h.Column(`SELECT 1 FROM deliveries WHERE kind <> 'notify' AND payload -> 'mail' ->> 'to' ~ $1`, c.peer)); n != c.want {
			t.Errorf("%s: it got %d mails, want %d", name, n, c.want)
		}
	}
	if told := h.told(); len(told) != len(members) {
		t.Errorf("admins were told %d times of %d peers: %q", len(told), len(members), told)
	}
	h.letter("ann@lee.example", h.support.Email, heading("Ann <ann@lee.example>", h.support.Email, "Help", "help@lee.example"), "Please.")
	if n := h.automatic("ann@lee.example"); n != 1 {
		t.Errorf("a person from elsewhere got %d mails, want one", n)
	}
}

func always(from string) func(int) string { return func(int) string { return from } }

// Old mails of all kinds, into a mailbox that answers, notifies and times everything:
// all are as of then, closed, and nothing follows.
func TestOutsidersOldMailsOfAllKindsAreHandledAlready(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.answersByItself()
	h.User("maria", h.support.ID)
	tells := automation.Action{Do: automation.DoNotify, To: []string{automation.ToAllUsers}, Body: "look"}
	for name, c := range map[string]automation.Condition{
		"new": row("new_conversation", "", nil), "old": row("created", "not_in_the_last", "1d"), "bounce": row("is_bounce", "is", "yes"),
		"machine": row("is_auto_reply", "is", "yes"), "waits": row("waiting_since", "longer_than", "1m"),
		"closed": row("closed", "not_in_the_last", "1h"),
	} {
		h.workflow(automation.Definition{Name: name, MaxRuns: 9, Conditions: rows(c), Actions: []automation.Action{tag(name), tells}})
	}
	importing := func(on bool) {
		_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{ImportMode: &on})
		testhouse.Must(t, err)
	}
	importing(true)
	old := func(from, to, mid, more string) conversation.ID {
		return h.comes("mbox@import.example", h.support.Email, "From: "+from+"\nTo: "+to+"\nSubject: Kessel\nMessage-ID: <"+mid+">"+more,
			"Worte von damals")
	}
	us := h.support.Email
	all := map[string]struct {
		from, to, more string
		kind           string
		year           int // 0: of now
	}{
		"a year of two digits":       {"Elin <elin@brev.example>", us, "\nDate: 05 Mar 99 08:00:00 GMT", "customer", 1999},
		"a date with a comment":      {"bo@brev.example", us, "\nDate: Tue, 5 Mar 2019 08:00:00 +0100 (CET)", "customer", 2019},
		"a date that is none":        {"cai@brev.example", us, "\nDate: gestern", "customer", 0},
		"no date":                    {"dag@brev.example", us, "", "customer", 0},
		"a clock that was never set": {"eli@brev.example", us, "\nDate: Thu, 1 Jan 1970 00:00:00 +0000", "customer", 0},
		"a holiday note": {"fay@brev.example", us, "\nDate: Mon, 2 Aug 2021 08:00:00 +0000\nAuto-Submitted: auto-replied",
			"customer", 2021},
		"a bounce": {"MAILER-DAEMON@mx.example", us,
			"\nDate: Mon, 1 Aug 2022 08:00:00 +0000\nX-Failed-Recipients: gone@brev.example", "customer", 2022},
		"a newsletter": {"news@liste.example", us,
			"\nDate: Mon, 3 Aug 2020 08:00:00 +0000\nList-Id: <news.liste.example>\nPrecedence: bulk", "customer", 2020},
		"a form that names the person": {"noreply@shop.example", us,
			"\nReply-To: Lea <lea@brev.example>\nDate: Mon, 3 Feb 2020 08:00:00 +0000", "customer", 2020},
		"what an agent began": {"Maria <maria@smarticks.test>", "Zoe <zoe@brev.example>", "\nDate: Tue, 6 Feb 2018 08:00:00 +0000",
			"reply", 2018},
		"what the mailbox sent": {us, "yan@brev.example", "\nDate: Wed, 7 Feb 2018 08:00:00 +0000\nX-Loop: " + us, "reply", 2018},
	}
	ids := map[string]conversation.ID{}
	for name, c := range all {
		ids[name] = old(c.from, c.to, strings.ReplaceAll(name, " ", "-")+"@brev.example", c.more)
	}
	// An answer that is fed in before what it answers.
	ids["an answer first"] = old(us, "gus@brev.example", "g2@smarticks.test",
		"\nIn-Reply-To: <g1@brev.example>\nDate: Fri, 9 Feb 2018 08:00:00 +0000")
	if old("gus@brev.example", us, "g1@brev.example", "\nDate: Thu, 8 Feb 2018 08:00:00 +0000") != ids["an answer first"] ||
		h.kinds(ids["an answer first"]) != "customer reply" {
		t.Errorf("an answer that was fed in first: %s", h.kinds(ids["an answer first"]))
	}
	importing(false)
	h.Later(48 * time.Hour)
	for name, id := range ids {
		if all[name].year > 0 && h.advance(id).HasDue { // should somebody wake all the same
			t.Errorf("%s: something is due", name)
		}
		c := h.Conversation(id)
		if !c.Imported || c.Status != conversation.StatusClosed || !c.WaitingSince.IsZero() || c.HandledSeq != c.LastSeq || len(c.Tags) > 0 ||
			c.Attention != "" {
			t.Errorf("%s: %+v", name, c)
		}
		want, ok := all[name]
		if ok && h.kinds(id) != want.kind {
			t.Errorf("%s: the message is a %s, want %s", name, h.kinds(id), want.kind)
		}
		if now := time.Since(c.CreatedAt) < time.Hour; ok && (want.year == 0) != now || want.year > 0 && c.CreatedAt.UTC().Year() != want.year {
			t.Errorf("%s: it is of %v", name, c.CreatedAt)
		}
	}
	for _, table := range []string{"runs", "deliveries", "outbox WHERE conversation_id IS NOT NULL",
		"conversations WHERE next_due IS NOT NULL"} {
		if n := h.Column(`SELECT count(*) FROM ` + table)[0]; n != "0" {
			t.Errorf("%s of %s", n, table)
		}
	}
	// What they write today is of today.
	h.letter("lea@brev.example", us, heading("lea@brev.example", us, "Re: Kessel", "today@brev.example",
		"In-Reply-To: <a-form-that-names-the-person@brev.example>"), "Und heute?")
	if c := h.Conversation(ids["a form that names the person"]); c.Status != conversation.StatusActive || c.WaitingSince.IsZero() {
		t.Errorf("an answer of today: %+v", c)
	}
}
