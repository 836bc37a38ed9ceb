package store_test

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

func TestAReportThatAMailDidNotArriveMarksItsDelivery(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for i, c := range []struct {
		name   string
		action conversation.BounceAction
		status string
		about  string // "": the mail's own id
		set    string // of the delivery before
		want   string // its state and reason
	}{
		{"no such address", conversation.BounceFailed, "5.1.1", "", "attempts = 1", "bounced 5.1.1: there is no such address"},
		{"a full mailbox", conversation.BounceFailed, "4.2.2", "", "attempts = 1", "bounced 4.2.2: the mailbox is full"},
		{"a code that nobody knows", conversation.BounceFailed, "5.9.99", "", "attempts = 1", "bounced 5.9.99: the other side gave it back"},
		{"no code", conversation.BounceFailed, "", "", "attempts = 1", "bounced the other side gave it back"},
		{"words for a code", conversation.BounceFailed, "5.1.1 secret", "", "attempts = 1", "bounced the other side gave it back"},
		{"the relay's answer was lost", conversation.BounceFailed, "5.1.1", "", "attempts = 1, state = 'handed_over', held_until = now()",
			"bounced 5.1.1: there is no such address"},
		{"only late", conversation.BounceDelayed, "4.4.1", "", "attempts = 1", "sent "},
		{"delivered", conversation.BounceDelivered, "2.0.0", "", "attempts = 1", "sent "},
		{"a mail of another conversation", conversation.BounceFailed, "5.1.1", "other", "attempts = 1", "sent "},
		{"never tried", conversation.BounceFailed, "5.1.1", "", "attempts = 0, state = 'waiting'", "waiting "},
		{"cancelled", conversation.BounceFailed, "5.1.1", "", "attempts = 1, state = 'cancelled'", "cancelled "},
	} {
		first := string(rune('a'+i)) + "@first"
		id := s.received(t, first)
		ours := s.sent(id, "reply", "gone@example.com")
		about := ours
		if c.about != "" {
			about = s.sent(s.received(t, "other"+first), "reply", "x@example.com")
		}
		_, err := s.house.Pool.Exec(t.Context(), `UPDATE deliveries SET `+c.set+` WHERE id = $1`, ours[:36])
		check(t, err)
		report := letter("report"+first, from("mailer-daemon@example.com"), marked(conversation.MachineBounce), names(ours),
			func(in *conversation.Incoming) {
				in.EnvelopeFrom, in.Bounce = "", &conversation.Bounce{Action: c.action, Status: c.status, Recipient: "gone@example.com",
					MessageIDs: []string{about}}
			})
		check(t, s.Receive(t.Context(), report))
		if got := s.house.Text(`SELECT state || ' ' || reason FROM deliveries WHERE id = $1`, ours[:36]); got != c.want {
			t.Errorf("%s: the delivery is %q, want %q", c.name, got, c.want)
		}
		reason, bounced := strings.CutPrefix(c.want, "bounced ")
		attention := s.house.Text(`SELECT attention FROM conversations WHERE id = $1`, id)
		if (attention != "") != bounced || bounced && attention != "a mail did not arrive: "+reason {
			t.Errorf("%s: attention %q", c.name, attention)
		}
		if n := s.house.Number(`SELECT count(*) FROM events WHERE conversation_id = $1 AND kind = 'third_party_message' AND data ->> 'delivery'
			= $2`, id, ours[:36]); (n == 1) != bounced {
			t.Errorf("%s: %d events name the delivery", c.name, n)
		}
	}
}
