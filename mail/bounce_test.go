package mail

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/conversation"
)

const (
	ourID    = "01a220aa-242d-7429-b761-5524c4d2e790@acme.test"
	returned = "From: Support <support@acme.test>\nTo: ann@example.com\nSubject: Re: Order 1042\nMessage-ID: <" + ourID +
		">\n\nWe look for it.\n"
)

// textBounces are what servers send that put all of it into one text.
var textBounces = map[string]string{
	"exim": "From: Mail Delivery System <Mailer-Daemon@mx.example.com>\nSubject: Mail delivery failed: returning " +
		"message to sender\n\nThis message was created automatically by mail delivery software.\n\nThe following address(es) failed:\n\n  " +
		"ann@example.com\n    550 5.1.1 User unknown\n\n------ This is a copy of the message, including all the headers. ------\n\n" + returned,
	"exim with X-Failed": "From: Mail Delivery System <Mailer-Daemon@mx.example.com>\nX-Failed-Recipients: " +
		"ann@example.com\nSubject: Mail delivery failed\n\nA message that you sent could not be delivered: 5.1.1\n\n--- The header of the " +
		"original message is following. ---\n\n" + returned,
	"qmail": "From: MAILER-DAEMON@mx.example.com\nSubject: failure notice\n\nHi. This is the qmail-send program at " +
		"mx.example.com.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ann@example.com>:\nSorry, no " +
		"mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: " +
		"<support@acme.test>\nReceived: (qmail 1 invoked by uid 0); 1 Nov 2026 10:00:00 -0000\n" + returned,
	"postfix": "From: MAILER-DAEMON@mx.example.com (Mail Delivery System)\nSubject: Undelivered Mail Returned to " +
		"Sender\n\nThis is the mail system at host mx.example.com.\n\n<ann@example.com>: host mx2.example.com[192.0.2.1] said: 550 5.1.1\n  " +
		"  <ann@example.com>: Recipient address rejected (in reply to RCPT TO command)\n\n> " + strings.ReplaceAll(returned, "\n", "\n> "),
	"sendmail": "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.com>\nSubject: Returned mail: User unknown\n\n  " +
		" ----- The following addresses had permanent fatal errors -----\n<ann@example.com>\n\n   ----- Transcript of session follows " +
		"-----\n550 5.1.1 <ann@example.com>... User unknown\n\n   ----- Original message follows -----\n\n" + returned,
	"gmail": "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification " +
		"(Failure)\n\nDelivery to the following recipient failed permanently:\n\n     ann@example.com\n\nTechnical details of permanent " +
		"failure:\nThe error that the other server returned was:\n550 5.1.1 User unknown\n\n----- Original message -----\n\nDKIM-Signature: " +
		"v=1; a=rsa-sha256; c=relaxed/relaxed;\n        h=from:subject:message-id:to\nX-Received: by 2002:a17;\n" + returned,
	"yahoo": "From: MAILER-DAEMON@yahoo.example\nSubject: Failure Notice\n\nSorry, we were unable to deliver your " +
		"message to the following address.\n\n<ann@example.com>:\n550: 5.1.1 No such user\n\n--- Below this line is a copy of the " +
		"message.\n\n" + returned,
	"exchange": "From: postmaster@corp.example.com\nSubject: Undeliverable: Re: Order 1042\n\nDelivery has failed to " +
		"these recipients or groups:\n\nann@example.com\nThe e-mail address you entered couldn't be found.\n\nDiagnostic information for " +
		"administrators:\n\nGenerating server: mx.corp.example.com\n\nann@example.com\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found " +
		"##\n\nOriginal message headers:\n\nReceived: from mx (192.0.2.1) by x\nFrom: Support <support@acme.test>\nTo: \"ann@example.com\" " +
		"<ann@example.com>\nSubject: Re: Order 1042\nMessage-ID:\n <" + ourID + ">\n",
	"exchange online, as HTML": "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example.com>\nSubject: " +
		"Undeliverable: Re: Order 1042\nContent-Type: text/html\n\n<html><body><p>Your message to <b>ann@example.com</b> couldn't be " +
		"delivered.</p><p>550 5.1.1 not found</p><b>Original Message Headers</b><pre>From: Support " +
		"&lt;support@acme.test&gt;\nMessage-ID: &lt;" + ourID + "&gt;\n</pre></body></html>\n",
	"notes": "From: Postmaster@notes.example.com\nSubject: DELIVERY FAILURE: User ann (ann@example.com) not listed in " +
		"Domino Directory\n\nYour message\n\n  Subject: Re: Order 1042\n\nwas not delivered to:\n\n  ann@example.com\n\nbecause:\n\n  5.1.1 " +
		"User not listed\n\n$MessageID: x\nMessage-ID: <" + ourID + ">\n",
	"courier": "From: \"Courier mail server at mx.example.com\" <postmaster@mx.example.com>\nSubject: NOTICE: mail " +
		"delivery status.\n\nThis is a delivery status notification from mx.example.com.\n\n<ann@example.com>:\n     mx.example.com " +
		"[192.0.2.1]:\n<<< 550 5.1.1 User unknown\n\n---\n\nYour message headers follow.\n\n" + returned,
	"zoho": "From: mailer-daemon@mail.zoho.example\nSubject: Undelivered Mail Returned to Sender\n\nThis message was " +
		"created automatically by mail delivery software.\n\n[ann@example.com, ERROR CODE :550 - 5.1.1 User unknown]\n\nMessage-Id:<" + ourID +
		">\nFrom:support@acme.test\n",
	"mdaemon": "From: MDaemon at mx.example.com <MDaemon@mx.example.com>\nSubject: Permanent Delivery Failure\n\nThe " +
		"attached message had PERMANENT fatal delivery errors!\n\n<ann@example.com>\n550 5.1.1 user unknown\n\n--- Message Headers " +
		"Follow\nmessage-id: <" + ourID + ">\n",
	"a German one": "From: postmaster@mx.example.de\nSubject: Unzustellbar: Re: Order 1042\n\nIhre Nachricht an " +
		"ann@example.com konnte nicht zugestellt werden (5.1.1).\n\nKopfzeilen:\n" + returned,
	"from nobody": "Return-Path: <>\nFrom: System Administrator <admin@mx.example.com>\nSubject: Delivery Failure\n\nCould " +
		"not deliver to <ann@example.com>: 5.1.1\n\n" + returned,
}

func TestTextsOfServersNameWhatTheyGiveBack(t *testing.T) {
	t.Parallel()
	want := conversation.Bounce{Action: conversation.BounceFailed, Status: "5.1.1", Recipient: "ann@example.com", MessageIDs: []string{ourID}}
	for name, text := range textBounces {
		in := Parse(crlf("To: support@acme.test\nMessage-ID: <b@mx.example.com>\n"+text), Envelope{From: "x@mx.example.com", Own: ours})
		checkBounce(t, name, in, want)
	}
}

func checkBounce(t *testing.T, name string, in conversation.Incoming, want conversation.Bounce) {
	t.Helper()
	if in.Machine != conversation.MachineBounce || in.Bounce == nil {
		t.Errorf("%s: mark %q", name, in.Machine)
		return
	}
	if diff := cmp.Diff(want, *in.Bounce); diff != "" {
		t.Errorf("%s:\n%s", name, diff)
	}
	if !slices.Contains(in.References, ourID) {
		t.Errorf("%s: references %q", name, in.References)
	}
}

func TestReportsAreReadWhateverTheOrderOfTheirParts(t *testing.T) {
	t.Parallel()
	const (
		words  = "Content-Type: text/plain\n\nIt did not arrive.\n"
		status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; " +
			"Ann@example.com\nAction: failed\nStatus: 5.1.1 (no such user)\nDiagnostic-Code: smtp; 550 5.1.1\n"
		mail = "Content-Type: message/rfc822\n\n" + returned
	)
	wrapped := base64.StdEncoding.EncodeToString([]byte(returned))
	report := func(kind string, parts ...string) string {
		return "Content-Type: " + kind + "; boundary=B\n\n--B\n" + strings.Join(parts, "\n--B\n") + "\n--B--\n"
	}
	const dsn = "multipart/report; report-type=delivery-status"
	want := conversation.Bounce{Action: conversation.BounceFailed, Status: "5.1.1", Recipient: "ann@example.com", MessageIDs: []string{ourID}}
	for name, body := range map[string]string{
		"as it should be":            report(dsn, words, status, mail),
		"the mail before the status": report(dsn, words, mail, status),
		"headers only":               report(dsn, words, status, "Content-Type: text/rfc822-headers\n\n"+returned),
		"in base64":                  report(dsn, words, status, "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"+wrapped),
		"headers in quoted-printable": report(dsn, words, status,
			"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: quoted-printable\n\n"+strings.ReplaceAll(returned, "-", "=2D")),
		"status in base64": report(dsn, words,
			"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"+
				base64.StdEncoding.EncodeToString([]byte("Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822;ann@example.com\nAction: "+
					"failed\nStatus: 5.1.1\n")), mail),
		"not a report": report("multipart/mixed", words, mail, status),
		"global": report(dsn, words, strings.Replace(status, "delivery-status", "global-delivery-status", 1),
			strings.Replace(mail, "rfc822", "global", 1)),
		"without the mail, but an id": report(dsn, words,
			strings.Replace(status, "mx.example.com\n\n", "mx.example.com\nX-Original-Message-ID: <"+ourID+">\n\n", 1)),
		"the second recipient failed": report(dsn, words,
			strings.Replace(status, "Final-", "Final-Recipient: rfc822; bob@example.com\nAction: delivered\nStatus: 2.0.0\n\nFinal-", 1), mail),
		"headers in the text":         report(dsn, "Content-Type: text/plain\n\nIt did not arrive.\n\n"+returned, status),
		"a line in front of the mail": report(dsn, words, status, "Content-Type: message/rfc822\n\n\n"+returned),
	} {
		in := Parse(crlf("From: postmaster@mx.example.com\nTo: support@acme.test\nSubject: Undelivered\n"+body), Envelope{Own: ours})
		checkBounce(t, name, in, want)
	}
	in := Parse(crlf("From: postmaster@mx.example.com\nIn-Reply-To: <"+ourID+">\n"+report(dsn, words, status)), Envelope{})
	if in.Bounce == nil || !slices.Equal(in.Bounce.MessageIDs, []string{ourID}) {
		t.Errorf("by In-Reply-To alone: %+v", in.Bounce)
	}
}

func TestTheHandedBouncesFindWhatTheyGiveBack(t *testing.T) {
	t.Parallel()
	checkBounce(t, "exim", letter(t, "38-bounce-exim-text.eml", Envelope{From: "x@example.com"}),
		conversation.Bounce{Action: conversation.BounceFailed, Status: "5.1.1", Recipient: "ann@example.com", MessageIDs: []string{ourID}})
	checkBounce(t, "attached", letter(t, "41-bounce-attached-mail-without-status.eml", Envelope{From: "x@example.com"}),
		conversation.Bounce{Action: conversation.BounceFailed, MessageIDs: []string{ourID}})
	in := letter(t, "24-bounce-of-a-reply.eml", Envelope{})
	if in.Machine != conversation.MachineBounce || in.Bounce.Status != "5.1.1" || in.Bounce.Recipient != "gone@example.net" ||
		in.Bounce.Action != conversation.BounceFailed {
		t.Errorf("a report: %q %+v", in.Machine, in.Bounce)
	}
}

func TestWhatIsDelayedHasNotFailed(t *testing.T) {
	t.Parallel()
	for name, mail := range map[string]string{
		"a report": "Subject: Delayed Mail\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; " +
			"x\n\nFinal-Recipient: rfc822; ann@example.com\nAction: delayed\nStatus: 4.4.1\n",
		"a report without an action": "Subject: Mail\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; " +
			"ann@example.com\nStatus: 4.4.1\n",
		"exim": "Subject: Warning: message 1abc delayed 24 hours\n\nNo action is required on your part. Delivery " +
			"attempts will continue for some time.\n",
		"sendmail": "Subject: Warning: could not send message for past 4 hours\n\n** THIS IS A WARNING MESSAGE ONLY " +
			"**\n** YOU DO NOT NEED TO RESEND YOUR MESSAGE **\n",
		"gmail": "Subject: Delivery Status Notification (Delay)\n\nThere was a temporary problem delivering your " +
			"message. Gmail will retry for 22 more hours.\n",
		"german": "Subject: Zustellung verzögert: Bestellung\n\nDie Zustellung wurde verzögert.\n",
	} {
		in := Parse(crlf("From: MAILER-DAEMON@mx.example.com\n"+mail), Envelope{})
		if in.Bounce == nil || in.Bounce.Action != conversation.BounceDelayed {
			t.Errorf("%s: %+v", name, in.Bounce)
		}
	}
	in := Parse(crlf("From: MAILER-DAEMON@mx.example.com\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; "+
		"ann@example.com\nAction: relayed\nStatus: 2.1.9\n"), Envelope{})
	if in.Bounce == nil || in.Bounce.Action != conversation.BounceRelayed {
		t.Errorf("relayed: %+v", in.Bounce)
	}
}

func TestAPersonsMailIsNoBounce(t *testing.T) {
	t.Parallel()
	for name, mail := range map[string]string{
		"a forwarded mail": "From: ann@example.com\nSubject: Fwd: Order\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\nSee " +
			"below.\n--B\nContent-Type: message/rfc822\n\n" + returned + "--B--\n",
		"headers in the text":    "From: ann@example.com\nSubject: Which mail was it?\n\n" + returned,
		"a question about one":   "From: ann@example.com\nSubject: Undeliverable mail\n\nI got this:\n\n" + returned,
		"a postmaster's words":   "From: postmaster@example.com\nSubject: Your DNS\n\nPlease mend it.\n",
		"a postmaster's forward": "From: postmaster@example.com\nSubject: Fwd: Order\n\nPlease look.\n",
	} {
		if in := Parse(crlf("To: support@acme.test\n"+mail), Envelope{From: "x@example.com", Own: ours}); in.Machine != "" || in.Bounce != nil {
			t.Errorf("%s: %q %+v", name, in.Machine, in.Bounce)
		}
	}
	in := Parse(crlf("From: ann@example.com\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <"+ourID+
		">\nDisposition: manual-action/MDN-sent-manually; displayed\n"), Envelope{})
	if in.Bounce != nil || !slices.Contains(in.References, ourID) {
		t.Errorf("a receipt: %+v, references %q", in.Bounce, in.References)
	}
}
