package api_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/mail"
)

// receives takes in a mail as the mail server does, and returns its conversation.
func (w *world) receives(mailFrom, text string, authserv ...string) string {
	w.Helper()
	in := mail.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n")), mail.Envelope{
		From: mailFrom, Recipients: []string{w.support.Email}, AuthservIDs: authserv,
		Own: func(address string) bool { return strings.EqualFold(address, w.support.Email) },
	})
	if err := w.Store.Receive(w.Context(), in); err != nil {
		w.Fatal(err)
	}
	var id string
	w.Value(&id, `SELECT conversation_id::text FROM messages WHERE message_id_header = $1`, in.MessageIDHeader)
	return id
}

// handed is a mail of the handed cases.
func handed(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "mail", "testdata", "handed", "eml", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What a mail says of who sent it is shown with each fact apart, in the list and in the
// timeline alike.
func TestAMessageShowsWhoSentItAndWhatIsNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const authenticated = "From: Ann <Ann@Example.com>\nReply-To: ann@example.com\nSubject: Hi\nMessage-ID: <a@x.example>\n" +
		"Authentication-Results: mx.smarticks.test; dmarc=pass header.from=example.com\n\nHello\n"
	cases := map[string]struct {
		id   string
		want map[string]any // of the message, by its path
	}{
		"a form with a person in Reply-To": {
			w.receives("noreply@shop.example.com", handed(t, "01-contact-form-noreply.eml")),
			map[string]any{
				"from": "mira.olsen@example.net", "sender.address": "noreply@shop.example.com", "sender.name": "Shop contact form",
				"sender.envelope": "noreply@shop.example.com", "sender.reply_to.0": "mira.olsen@example.net", "sender.claimed": true,
				"sender.authentication": nil, "machine": nil, "new_text": nil, "gaps": nil,
			},
		},
		"an address that a trusted server has checked": {
			w.receives("bounces+ann@example.com", authenticated, "mx.smarticks.test"),
			map[string]any{
				"from": "ann@example.com", "sender.address": "ann@example.com", "sender.authentication": "pass", "sender.claimed": false,
				"sender.envelope": "bounces+ann@example.com",
			},
		},
		"the null sender": {
			w.receives("", "From: robot@example.net\nSubject: Order 7 was sent\nMessage-ID: <n@x.example>\nAuto-Submitted: "+
				"auto-generated\n\nSent.\n"),
			map[string]any{"sender.envelope": "", "sender.address": "robot@example.net", "machine": "generated"},
		},
		"an answer above a quote": {
			w.receives("joe@example.net", "From: joe@example.net\nSubject: Re: Offer\nMessage-ID: <q@x.example>\nIn-Reply-To: <o@x.example>\n\n"+
				"Yes, please.\n\nOn Mon, 2 Nov 2026 at 10:00, Shop <shop@example.com> wrote:\n> Do you want a refund?\n"),
			map[string]any{"new_text": "Yes, please.\n\n"},
		},
		"nothing but a quote": {
			w.receives("joe@example.net", "From: joe@example.net\nSubject: Re: Offer\nMessage-ID: <e@x.example>\nIn-Reply-To: <o@x.example>\n\n"+
				"On Mon, 2 Nov 2026 at 10:00, Shop <shop@example.com> wrote:\n> Do you want a refund?\n"),
			map[string]any{"new_text": ""},
		},
		"what cannot be read": {
			w.receives("eve@example.net", "From: eve@example.net\nSubject: Secret\nMessage-ID: <s@x.example>\n"+
				"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: "+
				"application/pgp-encrypted\n\n"+
				"Version: 1\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--b--\n"),
			map[string]any{"gaps.text": "the mail is encrypted", "gaps.headers": nil, "new_text": nil},
		},
		"said by the API": {w.open(w.support.ID, "Call"), map[string]any{"sender": nil, "gaps": nil, "imported": false}},
	}
	for name, c := range cases {
		for _, list := range []struct {
			path  string
			first []any
		}{{"messages", []any{"items", 0}}, {"timeline", []any{"items", 0, "message"}}} {
			r := w.want(200, w.asAgent, "GET", "/v1/conversations/"+c.id+"/"+list.path, nil)
			m, _ := r.field(t, list.first...).(map[string]any)
			for path, want := range c.want {
				if got := at(m, path); got != want {
					t.Errorf("%s, %s: %s is %v, want %v", name, list.path, path, got, want)
				}
			}
		}
	}
}

// at reads a value by its path; nil: it is not there.
func at(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch of := v.(type) {
		case map[string]any:
			v = of[step]
		case []any:
			v = of[0]
		default:
			return nil
		}
	}
	return v
}

// A timeline shows the beginning of a long text, and of what is new in it no more.
func TestALongTextIsShortenedWithWhatIsNewInIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := strings.Repeat("word ", 3000)
	id := w.receives("joe@example.net", "From: joe@example.net\nSubject: Re: Offer\nMessage-ID: <l@x.example>\nIn-Reply-To: <o@x.example>\n\n"+
		long+"\n\nOn Mon, 2 Nov 2026 at 10:00, Shop <shop@example.com> wrote:\n> "+long+"\n")
	m, _ := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id+"/timeline", nil).field(t, "items", 0, "message").(map[string]any)
	text, _ := m["text"].(string)
	fresh, _ := m["new_text"].(string)
	if m["shortened"] != true || len(text) != 20000 || strings.TrimSpace(fresh) != strings.TrimSpace(long) {
		t.Errorf("shortened %v, %d of the text, what is new has %d bytes, want %d", m["shortened"], len(text), len(fresh), len(long))
	}
}

// What is empty of a mail's sender is not taken for the null sender of a mail.
func TestWhatIsNoMailHasNoSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Call")
	w.want(201, w.asAgent, "POST", "/v1/conversations/"+id+"/messages",
		map[string]any{"kind": conversation.MessageNote, "body": "Called back."})
	r := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id+"/messages", nil)
	if strings.Contains(string(r.body), `"sender"`) {
		t.Errorf("a note has a sender: %s", r.body)
	}
}
