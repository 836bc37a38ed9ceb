package mail

import (
	"slices"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// Mails as an outsider would make them up: of each kind members that stand nowhere else.

const ourSupport = "support@acme.test"

func fromOutside(envelope, text string) conversation.Incoming {
	return Parse(crlf(text), Envelope{From: envelope, Recipients: []string{ourSupport}, Own: func(a string) bool { return a == ourSupport }})
}

// Which machine wrote it, and whom do we answer?
func TestOutsidersMachinesAndThePeopleBehindThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		envelope, head string
		person         string
		machine        conversation.Machine
	}{
		"a booking form that writes as we do": {"www@acme.test",
			"From: Booking <support@acme.test>\nReply-To: Lea <lea@gmx.example>\nPrecedence: bulk\n" +
				"X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\nSubject: Booking\n", "lea@gmx.example", ""},
		"a group that rewrites From": {"group+bounces@groups.example.net",
			"From: 'Ann Lee' via Sales <sales@groups.example.net>\nReply-To: Ann Lee <ann@lee.example>\n" +
				"List-Id: <sales.groups.example.net>\nPrecedence: list\nMailing-list: list sales@groups.example.net\nSubject: Offer\n",
			"ann@lee.example", conversation.MachineList},
		"our own group, which rewrites From": {"support+bounces@acme.test",
			"From: 'Ann Lee' via Support <support@acme.test>\nReply-To: Ann Lee <ann@lee.example>\n" +
				"List-Id: <support.acme.test>\nList-Post: <mailto:support@acme.test>\nPrecedence: list\nSubject: Offer\n", "ann@lee.example", ""},
		"a shop whose Reply-To is itself": {"bounce@shop.example",
			"From: Shop <noreply@shop.example>\nReply-To: noreply@shop.example\nAuto-Submitted: auto-generated\nSubject: Order 7\n",
			"noreply@shop.example", conversation.MachineGenerated},
		"two people in Reply-To": {"ann@lee.example",
			"From: Ann <ann@lee.example>\nReply-To: bob@lee.example, eve@lee.example\nSubject: Offer\n", "ann@lee.example", ""},
		"Zimbra's holiday": {"", "From: Ann <ann@lee.example>\nSubject: Re: Offer\nAuto-Submitted: auto-replied (zimbra; " +
			"vacation)\nPrecedence: bulk\n",
			"ann@lee.example", conversation.MachineAutoReply},
		"a receipt that was read": {"ann@lee.example", "From: Ann <ann@lee.example>\nSubject: Gelesen: Offer\nMIME-Version: 1.0\n" +
			"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n", "ann@lee.example", conversation.MachineAutoReply},
		"a person whose server says that nobody submitted it": {"ann@lee.example",
			"From: Ann <ann@lee.example>\nAuto-Submitted: no\nX-Autoreply: no\nSubject: Offer\n", "ann@lee.example", ""},
		"a newsletter with a way out by mail and by web": {"b@news.example",
			"From: News <hello@news.example>\nList-Unsubscribe: <mailto:u@news.example>, <https://news.example/u>\n" +
				"List-Unsubscribe-Post: List-Unsubscribe=One-Click\nSubject: Offers\n", "hello@news.example", conversation.MachineList},
	} {
		in := fromOutside(c.envelope, c.head+"To: support@acme.test\nMessage-ID: <o@x.example>\n\nHello\n")
		if in.FromAddress != c.person || in.Machine != c.machine {
			t.Errorf("%s: %s, marked %q; want %s, marked %q", name, in.FromAddress, in.Machine, c.person, c.machine)
		}
	}
}

// What is new in an answer, by the programs that wrote it.
func TestOutsidersAnswersSayWhatIsNew(t *testing.T) {
	t.Parallel()
	const asked = "You asked for a refund."
	html := func(s string) string {
		return "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body>" + s + "</body></html>\n"
	}
	for name, body := range map[string]string{
		"Proton": html(`<div>All is fine.</div><div class="protonmail_quote">On Friday, Support wrote:<br><blockquote ` +
			`type="cite">` + asked + `</blockquote></div>`),
		"GMX": html(`<div>All is fine.</div><div name="quote" style="border-left:2px solid"><div><b>Gesendet:</b> Freitag, ` +
			`27. November 2026 um 10:00 Uhr<br><b>Von:</b> Support &lt;support@acme.test&gt;<br><b>An:</b> ann@lee.example<br><b>Betreff:</b> ` +
			`Kessel</div><div name="quoted-content">` + asked + `</div></div>`),
		"Yahoo": html(`<div>All is fine.</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Friday, November 27, 2026, ` +
			`10:00 AM, Support &lt;support@acme.test&gt; wrote:</div><div>` + asked + `</div></div>`),
		"Outlook on the web": html(`<div>All is fine.</div><div id="appendonsend"></div><hr style="width:98%"><div ` +
			`id="divRplyFwdMsg"><b>From:</b> Support &lt;support@acme.test&gt;<br><b>Sent:</b> Friday, November 27, 2026 10:00 ` +
			`AM<br><b>To:</b> Ann<br><b>Subject:</b> Kettle</div><div>` + asked + `</div>`),
		"Outlook, no border": html(`<p>All is fine.</p><p><b>Fra:</b> Support &lt;support@acme.test&gt;<br><b>Sendt:</b> fredag 27. ` +
			`november 2026 10:00<br><b>Til:</b> Ann<br><b>Emne:</b> Kjele</p><p>` + asked + `</p>`),
		"Thunderbird": html(`<p>All is fine.</p><div class="moz-cite-prefix">Am 27.11.26 um 10:00 schrieb Support:</div><blockquote ` +
			`type="cite" cite="mid:x">` + asked + `</blockquote>`),
		"plain, old Outlook": "\nAll is fine.\n\nVan: Support [mailto:support@acme.test] \nVerzonden: vrijdag 27 november 2026 10:00\nAan: " +
			"Ann\nOnderwerp: Ketel\n\n" + asked + "\n",
		"a phone": "\nAll is fine.\n\nOn 27 Nov 2026, at 10:00, Support <support@acme.test> wrote:\n\n> " + asked +
			"\n> \n> Regards\n",
		"Notes": "\nAll is fine.\n\n-----Support <support@acme.test> schrieb: -----\nAn: Ann\nVon: Support " +
			"<support@acme.test>\nDatum: 27.11.2026 10:00\nBetreff: Kessel\n\n" + asked + "\n",
	} {
		in := fromOutside("ann@lee.example", "From: ann@lee.example\nSubject: Re: Kettle\nIn-Reply-To: <a@acme.test>\nMessage-ID: "+
			"<q@x.example>\n"+body)
		if got := newText(t, in); got != "All is fine." {
			t.Errorf("%s: new is %q of %q", name, got, in.Text)
		}
		if !strings.Contains(in.Text, asked) {
			t.Errorf("%s: the whole text lost what was quoted: %q", name, in.Text)
		}
	}
}

// What is a file, what is the text, and what nobody can know.
func TestOutsidersParts(t *testing.T) {
	t.Parallel()
	part := func(head, body string) string { return "--b\n" + head + "\n\n" + body + "\n" }
	mixed := func(parts ...string) string {
		return "From: ann@lee.example\nSubject: Parts\nMessage-ID: <p@x.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; " +
			"boundary=b\n\n" + strings.Join(parts, "") + "--b--\n"
	}
	for name, c := range map[string]struct {
		mail  string
		text  string
		files []string // those that conditions see
		gap   bool
	}{
		"a logo that says that it is attached": {mixed(part("Content-Type: text/html", `<p>Hi</p><img src="cid:logo">`),
			part("Content-Type: image/png; name=logo.png\nContent-Disposition: attachment; filename=logo.png\nContent-ID: "+
				"<logo>\nContent-Transfer-Encoding: base64", "iVBORw0KGgo=")), "Hi", nil, false},
		"the only text has a name": {mixed(part("Content-Type: text/plain; name=body.txt\nContent-Disposition: inline; filename=body.txt",
			"Please help"),
			part("Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=a.pdf", "%PDF-1.4")), "Please help",
			[]string{"a.pdf"}, false},
		"an invitation": {mixed(part("Content-Type: text/plain", "Can we meet?"),
			part("Content-Type: text/calendar; method=REQUEST", "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR")), "Can we meet?",
			[]string{"attachment-1.ics"}, false},
		"a name in Cyrillic, by RFC 2231 in two pieces": {mixed(part("Content-Type: text/plain", "See"),
			part("Content-Type: application/pdf\nContent-Disposition: attachment; filename*0*=koi8-r''%D3%DE; filename*1*=%C5%D4.pdf",
				"%PDF-1.4")), "See", []string{"счет.pdf"}, false},
		"Outlook's container": {mixed(part("Content-Type: text/plain", "See attached"),
			part("Content-Type: application/ms-tnef; name=WINMAIL.DAT\nContent-Disposition: attachment; filename=WINMAIL.DAT", "x")),
			"See attached", []string{"WINMAIL.DAT"}, true},
		"a text in an unknown charset": {mixed(part("Content-Type: text/plain; charset=x-klingon", "Help \xff")), "", nil, true},
	} {
		in := fromOutside("ann@lee.example", c.mail)
		var files []string
		for _, a := range in.Attachments {
			if !a.Inline {
				files = append(files, a.Name)
			}
		}
		if c.text != "" && strings.TrimSpace(in.Text) != c.text || !slices.Equal(files, c.files) || (in.Gaps.Text != "") != c.gap {
			t.Errorf("%s: text %q, files %q, gap %q", name, in.Text, files, in.Gaps.Text)
		}
	}
}

// One person has one address, however it is written.
func TestOutsidersAddresses(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		`"O'Neil, Ann" <Ann.O'Neil@Lee.Example>`:             "ann.o'neil@lee.example",
		`Ann (the (inner) one) Lee <ann@lee.example> (home)`: "ann@lee.example",
		`<@relay.example,@b.example:ann@lee.example>`:        "ann@lee.example",
		`Team: ann@lee.example;`:                             "ann@lee.example",
		`=?utf-8?q?Ann_=C3=84?= <ann@lee.example>`:           "ann@lee.example",
		`ann@lee.example (Ann Lee)`:                          "ann@lee.example",
		"\"Ann\n Lee\" <ann@lee.example>":                    "ann@lee.example",
	} {
		in := fromOutside("ann@lee.example", "From: "+from+"\nTo: undisclosed-recipients:;\nSubject: x\nMessage-ID: <a@x.example>\n\nHi\n")
		if got := conversation.AddressKey(in.FromAddress); got != want || len(in.To) != 0 {
			t.Errorf("%s: %s, to %q", from, got, in.To)
		}
	}
	for _, same := range [][2]string{{"KONTAKT@BÜCHER.example", "kontakt@xn--bcher-kva.example"},
		{"a@Straße.example", "A@xn--strae-oqa.EXAMPLE"}, {"a@例え.example", "a@xn--r8jz45g.example"}} {
		if conversation.AddressKey(same[0]) != conversation.AddressKey(same[1]) {
			t.Errorf("%s and %s are two", same[0], same[1])
		}
	}
}
