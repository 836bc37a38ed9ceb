package mail

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// Reports as servers elsewhere write them: what became of a mail of ours.
func TestOutsidersReports(t *testing.T) {
	t.Parallel()
	const ours = "01a93f00-7c1d-7e52-8a10-3f6d2b9c4e77@acme.test"
	const copied = "From: Support <support@acme.test>\nTo: kunde@brev.example\nSubject: Re: Kjele\nMessage-ID: <" + ours +
		">\n\nVi ser på den.\n"
	dsn := func(words, status, returned string) string {
		return "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"=_r\"\n\n--=_r\n" + words +
			"\n--=_r\nContent-Type: message/delivery-status\n\n" + status + "\n--=_r\n" + returned + "\n--=_r--\n"
	}
	for name, c := range map[string]struct {
		mail, status string
		action       conversation.BounceAction
	}{
		"a Japanese server": {"From: Mail Delivery Subsystem <MAILER-DAEMON@mx.yubin.example>\nSubject: =?utf-8?b?6YCB5L+h5aSx5pWX?=\n" +
			dsn("Content-Type: text/plain; charset=utf-8\n\nメールを配信できませんでした。",
				"Reporting-MTA: dns; mx.yubin.example\n\nFinal-Recipient: rfc822; kunde@brev.example\nAction: failed\nStatus: 5.2.1",
				"Content-Type: text/rfc822-headers\n\n"+copied), "5.2.1", conversation.BounceFailed},
		"a Spanish one, the address in letters": {"From: postmaster@correo.example\nAuto-Submitted: auto-replied\nSubject: No se puede " +
			"entregar: Re: Kjele\n" +
			dsn("\nNo existe.", "Reporting-MTA: dns; correo.example\n\nOriginal-Recipient: utf-8; kunde@brev.example\nFinal-Recipient: utf-8; "+
				"kunde@brev.example\nAction: FAILED (bad address)\nStatus: 5.1.10",
				"Content-Type: message/global-headers\n\n"+copied), "5.1.10", conversation.BounceFailed},
		"a full mailbox that is still tried": {"From: MAILER-DAEMON@pochta.example\nSubject: Warning: could not send message for past 4 hours\n" +
			dsn("\nWe try again.", "Reporting-MTA: dns; pochta.example\nArrival-Date: Fri, 27 Nov 2026 10:00:00 +0300\n\nFinal-Recipient: "+
				"rfc822;kunde@brev.example\nAction: delayed\nStatus: 4.2.2\nWill-Retry-Until: Wed, 2 Dec 2026 10:00:00 +0300",
				"Content-Type: message/rfc822\n\n"+copied), "4.2.2", conversation.BounceDelayed},
		"one recipient of two": {"From: MAILER-DAEMON@mx.example\nSubject: Delivery status\n" +
			dsn("\nOne of two.", "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; bo@brev.example\nAction: delivered\nStatus: "+
				"2.1.5\n\nFinal-Recipient: rfc822; kunde@brev.example\nAction: failed\nStatus: 5.7.1",
				"Content-Type: message/rfc822\n\n"+copied), "5.7.1", conversation.BounceFailed},
		"a filter in front, in one text": {"From: Filter <mailer-daemon@filter.example>\nSubject: Message rejected\nX-Failed-Recipients: " +
			"kunde@brev.example\n\n" +
			"Your message was rejected by our filter (5.7.1).\n\n| From: Support <support@acme.test>\n| Message-Id: <" + ours + ">\n", "5.7.1",
			conversation.BounceFailed},
		"a Polish text with a copy": {"From: Mailer-Daemon@poczta.example\nSubject: Niedostarczona wiadomosc\n\nNie dostarczono do " +
			"kunde@brev.example: 550 5.1.1 brak skrzynki\n\n" + copied,
			"5.1.1", conversation.BounceFailed},
		"headers folded in the middle of the id's line": {"From: <MAILER-DAEMON@mx.example> (Mail Delivery Subsystem)\nSubject: Returned " +
			"mail\n\n550 5.4.4 <kunde@brev.example>... Host unknown\n\nReceived: from a\nMessage-Id:\n\t<" +
			ours + ">\nSubject: Re: Kjele\n", "5.4.4", conversation.BounceFailed},
	} {
		in := fromOutside("", "To: support@acme.test\nMessage-ID: <"+strings.ReplaceAll(name, " ", "")+"@mx.example>\n"+c.mail)
		b := in.Bounce
		if in.Machine != conversation.MachineBounce || b == nil {
			t.Errorf("%s: it is marked %q", name, in.Machine)
			continue
		}
		if b.Action != c.action || b.Status != c.status || b.Recipient != "kunde@brev.example" || len(b.MessageIDs) == 0 ||
			b.MessageIDs[0] != ours {
			t.Errorf("%s: %+v", name, *b)
		}
	}
	for name, mail := range map[string]string{
		"a person who sends a report on": "From: ann@lee.example\nSubject: Fwd: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: " +
			"multipart/mixed; boundary=m\n\n" +
			"--m\n\nWhat does this mean?\n--m\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered\n" +
			dsn("\nIt did not arrive.", "Final-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1",
				"Content-Type: message/rfc822\n\n"+copied) + "--m--\n",
		"a report on abuse": "From: abuse@isp.example\nSubject: Complaint\nContent-Type: multipart/report; " +
			"report-type=feedback-report; boundary=f\n\n--f\n\nA complaint.\n--f\nContent-Type: message/feedback-report\n\nFeedback-Type: " +
			"abuse\n--f--\n",
		"a postmaster who writes by hand": "From: Postmaster <postmaster@lee.example>\nSubject: Your mails to us\n\nThey arrive twice since " +
			"Monday.\n",
	} {
		in := fromOutside("ann@lee.example", "To: support@acme.test\nMessage-ID: <n@lee.example>\n"+mail)
		if b := in.Bounce; in.Machine == conversation.MachineBounce && b != nil && b.Action == conversation.BounceFailed &&
			len(b.MessageIDs) > 0 {
			t.Errorf("%s: it is taken for a report of ours: %+v", name, *b)
		}
	}
}
