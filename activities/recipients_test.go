package activities_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/mail"
	"github.com/smarticks/smarticks/store"
)

// colleagues receives the mail of a customer who has two colleagues in copy.
func (h *house) colleagues(change ...func(*conversation.Incoming)) conversation.ID {
	h.Helper()
	raw, err := os.ReadFile("testdata/replies/39-colleagues-in-copy.eml")
	testhouse.Must(h, err)
	in := mail.Parse(raw, mail.Envelope{From: "ana@client.example.org", Recipients: []string{h.support.Email}})
	in.Recipients, in.Raw = []string{h.support.Email}, append(raw, store.NewID()...)
	in.To[0] = h.support.Email
	in.MessageIDHeader = store.NewID() + "@client.example.org"
	return h.mail("", "", append([]func(*conversation.Incoming){func(to *conversation.Incoming) { *to = in }}, change...)...)
}

// goneTo is whom the mails of a kind went to.
func (h *house) goneTo(id conversation.ID, kind delivery.Kind) []string {
	h.Helper()
	var out []string
	for _, d := range h.deliveries(id) {
		if d.Kind == kind {
			out = append(out, strings.Join(d.Mail.To, " ")+" | "+strings.Join(d.Mail.Cc, " ")+" | "+strings.Join(d.Mail.Bcc, " "))
		}
	}
	return out
}

func TestAnAgentsReplyGoesToAllAndAWorkflowsToTheCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Mailbox("help@smarticks.test")
	maria := access.Caller{User: h.User("maria", h.support.ID)}
	const ana, rui, ines = "ana@client.example.org", "rui@client.example.org", "ines@client.example.org"
	h.workflow(automation.Definition{Name: "answer", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: "reply", Body: "we have it"}, {Do: "email", Subject: "News", Body: "none"}}})
	post := func(id conversation.ID, p conversation.Post) string {
		t.Helper()
		h.advance(id)
		p.Kind, p.Body = conversation.MessageReply, "hello"
		m, err := h.Store.PostMessage(t.Context(), maria, id, p)
		testhouse.Must(t, err)
		h.advance(id)
		gone := h.goneTo(id, delivery.KindReply)
		if kept := strings.Join(m.To, " ") + " | " + strings.Join(m.Cc, " ") + " | " + strings.Join(m.Bcc, " "); kept != gone[len(gone)-1] {
			t.Errorf("the message says %s, the mail goes to %s", kept, gone[len(gone)-1])
		}
		return gone[len(gone)-1]
	}
	first := h.colleagues()
	all := post(first, conversation.Post{})
	if got, want := append(h.goneTo(first, delivery.KindReply), h.goneTo(first, delivery.KindEmail)...),
		[]string{ana + " |  | ", ana + " " + rui + " | " + ines + " | ", ana + " |  | "}; !slices.Equal(got, want) {
		t.Errorf("all went to %q, want %q", got, want)
	}
	ours := func(in *conversation.Incoming) {
		in.To, in.Cc = []string{"Help@smarticks.test", "support+7@smarticks.test", ana, "no address"}, []string{rui, h.support.Email, ana}
	}
	for _, c := range []struct {
		name string
		id   conversation.ID
		post conversation.Post
		want string
	}{
		{"nobody stated", first, conversation.Post{}, all},
		{"our own addresses and what is none", h.colleagues(ours), conversation.Post{}, ana + " | " + rui + " | "},
		{"to stated", first, conversation.Post{To: []string{rui}}, rui + " |  | "},
		{"copies stated", first, conversation.Post{Cc: []string{"boss@client.example.org"}}, ana + " | boss@client.example.org | "},
		{"no copies", first, conversation.Post{Cc: []string{}}, ana + " |  | "},
		{"a hidden copy beside all", first, conversation.Post{Bcc: []string{"law@elsewhere.example"}},
			ana + " " + rui + " | " + ines + " | law@elsewhere.example"},
		{"everything stated", first, conversation.Post{To: []string{ines}, Cc: []string{ana}, Bcc: []string{rui}},
			ines + " | " + ana + " | " + rui},
	} {
		if got := post(c.id, c.post); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	h.mail("Re: Project kick-off", "On Monday?", func(in *conversation.Incoming) {
		in.FromName, in.FromAddress, in.To, in.Cc = "Rui Pinto", rui, []string{h.support.Email}, []string{ines}
		in.InReplyTo = h.Column(`SELECT message_id_header FROM messages WHERE conversation_id = $1 AND kind = 'customer'`, first)
	})
	if got, want := post(first, conversation.Post{}), rui+" "+ana+" | "+ines+" | "; got != want {
		t.Errorf("after a colleague's answer: %s, want %s", got, want)
	}
}

// What cannot be sent is told with its place, and nothing is written.
func TestRecipientsAreChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	maria := access.Caller{User: h.User("maria", h.support.ID)}
	id := h.colleagues()
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprintf("p%d@client.example.org", i)
	}
	for _, c := range []struct {
		name  string
		post  conversation.Post
		paths []string
	}{
		{"a name beside the address", conversation.Post{To: []string{"Rui <rui@client.example.org>"}}, []string{"to[0]"}},
		{"no address", conversation.Post{Cc: []string{"rui@client.example.org", "rui"}}, []string{"cc[1]"}},
		{"a line end", conversation.Post{Bcc: []string{"rui@client.example.org\r\nBcc: x@x.example"}}, []string{"bcc[0]"}},
		{"no ASCII before the @", conversation.Post{To: []string{"rüdiger@client.example.org"}}, []string{"to[0]"}},
		{"a mailbox of ours", conversation.Post{Cc: []string{"SUPPORT@smarticks.test"}}, []string{"cc[0]"}},
		{"a mailbox of ours with a detail", conversation.Post{To: []string{"a@x.example", "support+x@smarticks.test"}, Bcc: []string{""}},
			[]string{"to[1]", "bcc[0]"}},
		{"nobody at all", conversation.Post{To: []string{}}, []string{"to"}},
		{"too many", conversation.Post{To: many[:20], Cc: many[20:40], Bcc: many[40:]}, []string{"to"}},
		{"a note to somebody", conversation.Post{Kind: conversation.MessageNote, To: many[:1]}, []string{"kind"}},
		{"a customer's words to somebody", conversation.Post{Kind: conversation.MessageCustomer, Bcc: many[:1]}, []string{"kind"}},
	} {
		p := c.post
		p.Body = "hello"
		if p.Kind == "" {
			p.Kind = conversation.MessageReply
		}
		_, err := h.Store.PostMessage(t.Context(), maria, id, p)
		var paths []string
		for _, problem := range errs.Problems(err) {
			paths = append(paths, problem.Path)
		}
		if !errs.Is(err, errs.Invalid) || cmp.Diff(c.paths, paths) != "" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if n := h.Column(`SELECT count(*) FROM messages WHERE conversation_id = $1`, id); n[0] != "1" {
		t.Errorf("%s messages, want the customer's alone", n[0])
	}
}
