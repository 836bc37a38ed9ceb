package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// finds is what a search finds, by subject, over all pages of the size.
func (s *shop) finds(who access.Caller, f conversation.Filter, size int) (subjects []string) {
	s.t.Helper()
	page := conversation.Page{Limit: size}
	for {
		list, err := s.Conversations(s.t.Context(), who, f, page)
		check(s.t, err)
		for _, c := range list {
			subjects = append(subjects, c.Subject)
		}
		if len(list) < size {
			return subjects
		}
		last := list[size-1]
		page.After, page.AfterAt = string(last.ID), f.Sort.Key(last)
	}
}

// inStep compares the words that are stored with those that would be collected again.
func (s *shop) inStep(when string) {
	s.t.Helper()
	const all = `SELECT coalesce(string_agg(conversation_id || ' ' || part || ' ' || words, E'\n' ORDER BY conversation_id, part), '') FROM
		conversation_words`
	stored := s.house.Text(all)
	for how, sql := range map[string]string{"one by one": `SELECT rebuild_words(id) FROM conversations`,
		"all at once": `TRUNCATE conversation_words; CALL fill_words()`} {
		for _, statement := range strings.Split(sql, "; ") {
			s.house.Exec(statement)
		}
		if anew := s.house.Text(all); anew != stored {
			s.t.Errorf("%s: the words are\n%s\nand would be, collected %s,\n%s", when, stored, how, anew)
		}
	}
}

func titled(subject, text string) func(*conversation.Incoming) {
	return func(in *conversation.Incoming) { in.Subject, in.Text = subject, text }
}

func TestWordsKeepInStepWithTheConversation(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	billing, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test"})
	check(t, err)
	in := func(m conversation.MailboxID) access.Caller {
		return access.Caller{User: conversation.User{Role: conversation.RoleAgent, Mailboxes: []conversation.MailboxID{m}}}
	}
	expect := func(when string, who access.Caller, want map[string]string) {
		t.Helper()
		for words, subjects := range want {
			if got := strings.Join(s.finds(who, conversation.Filter{Words: words}, 50), ","); got != subjects {
				t.Errorf("%s: %q finds %q, want %q", when, words, got, subjects)
			}
		}
		s.inStep(when)
	}
	all := access.System()
	id := s.received(t, "one@x", titled("Zebra", "My parcel, number 123456 and O'Hara\\n"), func(in *conversation.Incoming) {
		in.FromName = ""
		in.Attachments = []conversation.Attachment{{Name: "Invoice_2024-05.pdf"}, {Name: "photo.jpeg"}}
	})
	expect("a mail", all, map[string]string{
		"parcel": "Zebra", "zeb PARC": "Zebra", "invoice": "Zebra", "photo pdf": "Zebra", "ann@example.com": "Zebra", "nn": "",
		"123456": "Zebra", "1234": "",
		"o'hara": "Zebra", `o\'har`: "Zebra", "parcel unicorn": "", "mb": "", "mb:" + string(s.mailbox): "",
		"'mb:" + string(s.mailbox) + "'": "", "": "Zebra", "!": "",
	})
	s.received(t, "two@x", answers("one@x"), titled("Re: Zebra", "Where is the giraffe?"))
	expect("an answer, and a name", all, map[string]string{"giraffe parcel": "Zebra", "example zebra ann": "Zebra"})
	s.house.Exec(`UPDATE messages SET body_text = 'Here is the okapi' WHERE message_id_header = 'two@x'`)
	expect("another text", all, map[string]string{"giraffe": "", "okapi parcel": "Zebra"})
	s.house.Exec(`UPDATE conversations SET subject = 'Lion' WHERE id = $1`, id)
	expect("another subject", all, map[string]string{"lion": "Lion"})
	expect("in its mailbox", in(s.mailbox), map[string]string{"okapi": "Lion"})
	expect("not in another", in(billing.ID), map[string]string{"okapi": ""})
	s.house.Exec(`UPDATE conversations SET mailbox_id = $2 WHERE id = $1`, id, billing.ID)
	expect("moved away", in(s.mailbox), map[string]string{"okapi": ""})
	expect("moved there", in(billing.ID), map[string]string{"okapi": "Lion"})
	s.house.Exec(`DELETE FROM messages WHERE message_id_header = 'two@x'`)
	expect("a message less", all, map[string]string{"okapi": "", "parcel": "Lion"})
	s.opened("cy@example.com")
	expect("opened", all, map[string]string{"cy@example.com": "s"})
	s.house.Exec(`UPDATE conversations SET state = 'deleted', erased_at = now() WHERE id = $1`, id)
	if n := s.house.Number(`SELECT count(*) FROM conversation_words WHERE conversation_id = $1`, id); n != 0 {
		t.Error("words are left of what was deleted for ever")
	}
	s.inStep("deleted for ever")
}

// A tsvector has an end, a conversation has none.
func TestALongConversationIsFoundByAllOfItsWords(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.received(t, "0@x", titled("Long", "aardvark"))
	for i := 1; i <= 8; i++ {
		var text strings.Builder
		for n := range 25 { // the longest words there are
			fmt.Fprintf(&text, "w%dx%d%s ", i, n, strings.Repeat("ü", 980))
		}
		s.received(t, fmt.Sprint(i, "@x"), answers("0@x"), titled("Re: Long", text.String()))
	}
	if n := s.house.Number(`SELECT max(part) FROM conversation_words`); n < 3 {
		t.Fatalf("the conversation is in %d parts", n+1)
	}
	for _, words := range []string{"aardvark", "w1x0", "w4x7 w4x9", "w8x24", "long w8x0 ann"} {
		if got := s.finds(access.System(), conversation.Filter{Words: words}, 50); !slices.Equal(got, []string{"Long"}) {
			t.Errorf("%s finds %q", words, got)
		}
	}
	before := s.house.Number(`SELECT max(part) FROM conversation_words`)
	s.house.Exec(`SELECT rebuild_words(id) FROM conversations`)
	if n := s.house.Number(`SELECT max(part) FROM conversation_words`); n != before {
		t.Errorf("collected anew it is in %d parts, was in %d", n+1, before+1)
	}
}

// Whatever is common or rare, in whichever order and on whichever page: a search finds what
// a look at each conversation finds.
func TestASearchFindsWhatALookAtEachFinds(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	billing, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Billing", Email: "billing@smarticks.test"})
	check(t, err)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's
	chance := map[string]float64{"always": 1, "half": 0.5, "tenth": 0.1, "rare": 0.02}
	texts := map[string]string{}
	boxes := map[string]conversation.MailboxID{}
	var order []string
	for i := range 300 {
		subject, text, box := fmt.Sprint("c", i), "", s.mailbox
		for _, word := range []string{"always", "half", "tenth", "rare"} {
			if random.Float64() < chance[word] {
				text += word + " "
			}
		}
		if i < 100 {
			text += "ancient "
		}
		if i%7 == 0 {
			box = billing.ID
		}
		texts[subject], boxes[subject], order = text, box, append(order, subject)
		s.house.Exec(`INSERT INTO customers (id, created_at) VALUES (md5($1)::uuid, now())`, subject)
		s.house.Exec(`INSERT INTO conversations (id, mailbox_id, customer_id, type, status, state, subject, started_by, created_at, updated_at,
			status_changed_at, waiting_since)
			VALUES (md5($1)::uuid, $2, md5($1)::uuid, 'email', 'active', 'published', $1, 'customer', $3, $3, $3, $3)`, subject, box,
			time.Now().Add(time.Duration(i)*time.Second))
		s.house.Exec(`INSERT INTO messages (id, conversation_id, mailbox_id, kind, author_kind, body_text, created_at) VALUES
			(gen_random_uuid(), md5($1)::uuid, $2, 'customer', 'customer', $3, now())`,
			subject, box, text)
	}
	one := access.Caller{User: conversation.User{Role: conversation.RoleAgent, Mailboxes: []conversation.MailboxID{billing.ID}}}
	both := access.Caller{User: conversation.User{Role: conversation.RoleAgent, Mailboxes: []conversation.MailboxID{billing.ID, s.mailbox}}}
	for _, words := range []string{"always", "half", "tenth", "rare", "half tenth", "rare half", "ancient", "ancient rare", "nobody", "alw"} {
		for name, who := range map[string]access.Caller{"all": access.System(), "one": one, "both": both} {
			for _, sort := range []conversation.Sort{conversation.SortCreated, conversation.SortWaiting} {
				var want []string
				for _, subject := range order {
					if who.Sees(boxes[subject]) && !slices.ContainsFunc(strings.Fields(words),
						func(w string) bool { return !strings.Contains(texts[subject], w) }) {
						want = append(want, subject)
					}
				}
				if sort == conversation.SortCreated {
					slices.Reverse(want)
				}
				for _, size := range []int{3, 40} {
					if got := s.finds(who, conversation.Filter{Words: words, Sort: sort}, size); !slices.Equal(got, want) {
						t.Errorf("%q by %s, %s, pages of %d: %d found, want %d", words, name, sort, size, len(got), len(want))
					}
				}
			}
		}
	}
}
