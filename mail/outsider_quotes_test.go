package mail

import (
	"strings"
	"testing"
)

// Answers by programs that stand nowhere else, each in the way that it quotes.
func TestOutsidersAnswersByOtherPrograms(t *testing.T) {
	t.Parallel()
	const quoted, bare = "> You asked for a refund.\n> \n> Support\n", "You asked for a refund.\n\nSupport\n"
	html := func(s string) string {
		return "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body>" + s + "</body></html>\n"
	}
	plain := func(above, below string) string { return "\nAll is fine.\n\n" + above + "\n" + below }
	for name, body := range map[string]string{
		"Roundcube, German":  plain("Am 27.11.2026 10:00, schrieb Support:", quoted),
		"Roundcube, Polish":  plain("W dniu 27.11.2026 10:00, Support napisał(a):", quoted),
		"Roundcube, Dutch":   plain("Support schreef op 27-11-2026 10:00:", quoted),
		"Roundcube, Italian": plain("Il 27-11-2026 10:00 Support ha scritto:", quoted),
		"KMail, German":      plain("Am Freitag, 27. November 2026, 10:00:00 CET schrieb Support:", quoted),
		"KMail":              plain("On Friday, 27 November 2026 10:00:00 CET Support wrote:", quoted),
		"Evolution":          plain("On Fri, 2026-11-27 at 10:00 +0000, Support wrote:", quoted),
		"mutt":               plain("On Fri, Nov 27, 2026 at 10:00:00AM +0000, Support wrote:", quoted),
		"mutt with a star":   plain("* Support <support@acme.test> [27.11.26 10:00]:", quoted),
		"Gnus":               plain("Support <support@acme.test> writes:", quoted),
		"Horde, German":      plain("Zitat von Support <support@acme.test>:", quoted),
		"Horde":              plain("Quoting Support <support@acme.test>:", quoted),
		"Horde, Spanish":     plain("Citando Support <support@acme.test>:", quoted),
		"Claws":              plain("On Fri, 27 Nov 2026 10:00:00 +0000\nSupport <support@acme.test> wrote:", quoted),
		"GroupWise":          plain(">>> Support <support@acme.test> 27.11.2026 10:00 >>>", bare),
		"eM Client": plain("------ Originalnachricht ------\nVon: \"Support\" <support@acme.test>\nAn: \"Ann\" "+
			"<ann@lee.example>\nGesendet: 27.11.2026 10:00:00\nBetreff: Kessel\n", bare),
		"AOL": plain("-----Original Message-----\nFrom: Support <support@acme.test>\nTo: ann@lee.example\nSent: Fri, Nov "+
			"27, 2026 10:00 am\nSubject: Kettle\n", bare),
		"T-Online": plain("-----Original-Nachricht-----\nBetreff: Kessel\nDatum: 2026-11-27T10:00:00+0100\nVon: \"Support\" "+
			"<support@acme.test>\nAn: \"Ann\" <ann@lee.example>\n", bare),
		"Orange": plain("> Message du 27/11/26 10:00\n> De : \"Support\" <support@acme.test>\n> A : ann@lee.example\n> "+
			"Copie à : \n> Objet : Bouilloire\n>", quoted),
		"Seznam": plain("---------- Původní e-mail ----------\nOd: Support <support@acme.test>\nKomu: "+
			"ann@lee.example\nDatum: 27. 11. 2026 10:00:00\nPředmět: Konvice", bare),
		"Naver": plain("-----Original Message-----\nFrom: \"Support\"<support@acme.test>\nTo: "+
			"<ann@lee.example>;\nCc:\nSent: 2026-11-27 (금) 10:00:00 (UTC+09:00)\nSubject: 주전자\n", bare),
		"Yandex": plain("27.11.2026, 10:00, \"Support\" <support@acme.test>:", quoted),
		"QQ": plain("------------------ Original ------------------\nFrom:  \"Support\";<support@acme.test>;\nDate:  "+
			"Fri, Nov 27, 2026 10:00 AM\nTo:  \"Ann\"<ann@lee.example>;\n\nSubject:  Kettle\n", bare),
		"Samsung": plain("-------- Original message --------\nFrom: Support <support@acme.test> \nDate: 27/11/2026  10:00  "+
			"(GMT+01:00) \nTo: ann@lee.example \nSubject: Kettle \n", bare),
		"Outlook, telephone": plain("________________________________\nFrom: Support <support@acme.test>\nSent: Friday, November 27, "+
			"2026 10:00:00 AM\nTo: Ann <ann@lee.example>\nSubject: Kettle\n", bare),
		"HEY": html(`<div>All is fine.</div><br><div>On November 27, 2026, Support &lt;support@acme.test&gt; ` +
			`wrote:</div><blockquote>` + bare + `</blockquote>`),
		"Spark": html(`<div name="messageBodySection"><div>All is fine.</div></div><div name="messageReplySection">On 27 ` +
			`Nov 2026, 10:00 +0100, Support &lt;support@acme.test&gt;, wrote:<br><blockquote type="cite">` + bare + `</blockquote></div>`),
		"Zoho": html(`<div>All is fine.</div><div class="zmail_extra_hr" style="border-top: 1px solid"></div><div ` +
			`class="zmail_extra" data-zbluepencil-ignore="true"><div>---- On Fri, 27 Nov 2026 10:00:00 +0100 <b>Support ` +
			`&lt;support@acme.test&gt;</b> wrote ----</div><blockquote>` + bare + `</blockquote></div>`),
		"Mailspring": html(`<div>All is fine.</div><br><div class="gmail_quote_attribution">On Nov 27 2026, at 10:00 am, ` +
			`Support &lt;support@acme.test&gt; wrote:</div><blockquote class="gmail_quote">` + bare + `</blockquote>`),
		"Outlook, a German line": html(`<p>All is fine.</p><div style="border:none;border-top:solid #B5C4DF 1.0pt"><p><b>Von:</b> Support ` +
			`[mailto:support@acme.test] <br><b>Gesendet:</b> Freitag, 27. November 2026 10:00<br><b>An:</b> Ann<br><b>Betreff:</b> ` +
			`Kessel</p></div><p>` + bare + `</p>`),
		"QQ, as HTML": html(`<div>All is fine.</div><div><br></div><div style="font-size: ` +
			`12px;">------------------&nbsp;原始邮件&nbsp;------------------</div><div style="background:#efefef"><div><b>发件人:</b> "Support" ` +
			`&lt;support@acme.test&gt;;</div><div><b>发送时间:</b> 2026年11月27日(星期五) 上午10:00</div><div><b>收件人:</b> "Ann";</div><div><b>主题:</b> ` +
			`水壶</div></div><div>` + bare + `</div>`),
	} {
		in := fromOutside("ann@lee.example", "From: ann@lee.example\nSubject: Re: Kettle\nIn-Reply-To: <a@acme.test>\nMessage-ID: "+
			"<q@x.example>\n"+body)
		if got := newText(t, in); got != "All is fine." {
			t.Errorf("%s: new is %q", name, got)
		}
		if !strings.Contains(in.Text, "You asked for a refund.") {
			t.Errorf("%s: the whole text lost what was quoted: %q", name, in.Text)
		}
	}
}

// What only looks like an announcement is what the writer says.
func TestOutsidersWordsThatLookLikeQuotes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"I am quoting the price list:\n> kettle 7.00\nIs that right?":   "I am quoting the price list:\n\nIs that right?",
		"Zitat von der Rechnung:\n> 7,00\nStimmt das?":                  "Zitat von der Rechnung:\n\nStimmt das?",
		"--- Original ---\nThe red one.\n--- Copy ---\nThe blue one.":   "--- Original ---\nThe red one.\n--- Copy ---\nThe blue one.",
		"We open at 10:00:\nSaturday too.":                              "We open at 10:00:\nSaturday too.",
		"From: Berlin, to: Paris.\nSubject to change, sent on Friday.":  "From: Berlin, to: Paris.\nSubject to change, sent on Friday.",
		"The serial number is\n>>> 4711 >>>\nand the colour is red.":    "The serial number is\n\nand the colour is red.",
		"My name is written like this:\nAnn Lee, as she wrote in 2026.": "My name is written like this:\nAnn Lee, as she wrote in 2026.",
	} {
		in := fromOutside("ann@lee.example", "From: ann@lee.example\nSubject: Re: Kettle\nIn-Reply-To: <a@acme.test>\nMessage-ID: "+
			"<q@x.example>\n\n"+text+"\n")
		if got := strings.ReplaceAll(newText(t, in), "\n\n", "\n"); got != strings.ReplaceAll(want, "\n\n", "\n") {
			t.Errorf("%q: new is %q", text, got)
		}
	}
}
