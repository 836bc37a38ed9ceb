package mail

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// newText is what the writer wrote now, and checks that nothing of the text is lost.
func newText(t *testing.T, in conversation.Incoming) string {
	t.Helper()
	at := 0
	for _, q := range in.Quotes {
		if q.Start < at || q.End <= q.Start || q.End > len(in.Text) {
			t.Fatalf("spans %v of a text of %d bytes", in.Quotes, len(in.Text))
		}
		at = q.End
	}
	m := conversation.Message{Text: in.Text, Quotes: in.Quotes}
	return strings.TrimSpace(m.NewText())
}

func answer(text string) conversation.Incoming {
	return Parse(crlf("From: ann@example.com\nSubject: Re: Kettle\nIn-Reply-To: <a@acme.test>\n\n"+text), Envelope{From: "ann@example.com"})
}

func TestTheHandedMailsSayWhatIsNew(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"56-quoted-history-plain.eml":      "Thanks, all is fine now.",
		"58-quoted-history-outlook.eml":    "Thanks, it works.",
		"13-quoted-template-thanks.eml":    "Perfect, thank you, it works now!\n\nNoor",
		"33-contact-form-from-noreply.eml": "Please call me.",
	} {
		if got := newText(t, letter(t, file, Envelope{From: "x@example.com"})); got != want {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

// announcements stand above a quote, by language.
var announcements = map[string][]string{
	"English": {"On Fri, 27 Nov 2026 at 10:00, Support <support@acme.test> wrote:",
		"On Nov 27, 2026, at 10:00 AM, Support Team\n<support@acme.test> wrote:", "On 27/11/2026 10:00, Support wrote:", "Support wrote:",
		"---- On Fri, 27 Nov 2026 10:00:00 +0100 Support <support@acme.test> wrote ----"},
	"German": {"Am Fr., 27. Nov. 2026 um 10:00 Uhr schrieb Support <support@acme.test>:", "Am 27.11.2026 um 10:00 schrieb Support:",
		"Support <support@acme.test> schrieb am Fr., 27. Nov. 2026,\n10:00:", "Am 27.11.26, 10:00 schrieb \"Support\" <support@acme.test>:",
		"Support hat am 27. November 2026 um 10:00 geschrieben:"},
	"French": {"Le ven. 27 nov. 2026 à 10:00, Support <support@acme.test> a écrit :", "Le 27/11/2026 à 10:00, Support a écrit :",
		"Le 27 nov. 2026 à 10:00, Support\n<support@acme.test> a écrit :", "Support a écrit :",
		"Le vendredi 27 novembre 2026 à 10:00:12 UTC+1, Support <support@acme.test> a écrit :"},
	"Spanish": {"El vie, 27 nov 2026 a las 10:00, Support (<support@acme.test>) escribió:",
		"El 27/11/2026 a las 10:00, Support escribió:", "El viernes, 27 de noviembre de 2026, Support\n<support@acme.test> escribió:",
		"Support escribió:", "El 27 nov 2026, a las 10:00, Support <support@acme.test> escribió:"},
	"Italian": {"Il giorno ven 27 nov 2026 alle ore 10:00 Support <support@acme.test> ha scritto:",
		"Il 27/11/2026 10:00, Support ha scritto:", "Il giorno 27 nov 2026, alle ore 10:00, Support\n<support@acme.test> ha scritto:",
		"Support ha scritto:", "In data 27 novembre 2026 10:00, Support <support@acme.test> ha scritto:"},
	"Dutch": {"Op vr 27 nov 2026 om 10:00 schreef Support <support@acme.test>:", "Op 27-11-2026 om 10:00 schreef Support:",
		"Op 27 nov. 2026 om 10:00 heeft Support <support@acme.test> het\nvolgende geschreven:", "Support schreef:",
		"Support <support@acme.test> schreef op 27 november 2026 10:00:"},
	"Portuguese": {"Em sex., 27 de nov. de 2026 às 10:00, Support <support@acme.test> escreveu:", "Em 27/11/2026 10:00, Support escreveu:",
		"No dia 27/11/2026, às 10:00, Support\n<support@acme.test> escreveu:", "Support escreveu:", "A 27/11/2026 10:00, Support escreveu:"},
	"Polish": {"pt., 27 lis 2026 o 10:00 Support <support@acme.test> napisał(a):", "W dniu 27.11.2026 o 10:00, Support pisze:",
		"W dniu piątek, 27 listopada 2026 Support\n<support@acme.test> napisał(a):", "Support napisał:",
		"Dnia 27 listopada 2026 10:00 Support <support@acme.test> napisał(a):"},
	"Czech": {"pá 27. 11. 2026 v 10:00 odesílatel Support <support@acme.test> napsal:", "Dne 27.11.2026 v 10:00 Support napsal(a):",
		"Dne 27. 11. 2026 v 10:00 Support\n<support@acme.test> napsal:", "Support napsal:",
		"pá 27. 11. 2026 v 10:00 odosielateľ Support <support@acme.test> napísal:"},
	"Swedish": {"Den fre 27 nov. 2026 kl 10:00 skrev Support <support@acme.test>:", "Den 2026-11-27 kl. 10:00, skrev Support:",
		"27 nov. 2026 kl. 10:00 skrev Support\n<support@acme.test>:", "Support skrev:",
		"fredag 27 november 2026 skrev Support <support@acme.test>:"},
	"Danish": {"Den fre. 27. nov. 2026 kl. 10.00 skrev Support <support@acme.test>:", "Den 27-11-2026 kl. 10:00 skrev Support:",
		"Den 27. nov. 2026 kl. 10.00 skrev Support\n<support@acme.test>:", "Support skrev:", "Den 27/11/2026 10.00, skrev Support:"},
	"Norwegian": {"fre. 27. nov. 2026 kl. 10:00 skrev Support <support@acme.test>:", "Den 27.11.2026 10:00, skrev Support:",
		"Den 27. november 2026 kl. 10:00 skrev Support\n<support@acme.test>:", "Support skrev:",
		"På 27. nov. 2026 kl. 10:00 skrev Support <support@acme.test>:"},
	"Finnish": {"pe 27. marrask. 2026 klo 10.00 Support (support@acme.test) kirjoitti:", "27.11.2026 10.00, Support kirjoitti:",
		"Support <support@acme.test> kirjoitti 27.11.2026 kello\n10.00:", "Support kirjoitti:", "Support kirjoitti 27.11.2026 klo 10.00:"},
	"Russian": {"пт, 27 нояб. 2026 г. в 10:00, Support <support@acme.test>:", "27.11.2026 10:00, Support пишет:",
		"27 ноября 2026 г., 10:00 пользователь Support\n<support@acme.test> написал:", "Support написал:",
		"Пятница, 27 ноября 2026, 10:00 +03:00 от Support <support@acme.test>:"},
	"Japanese": {"2026年11月27日(金) 10:00 Support <support@acme.test>:", "2026/11/27 10:00、Support <support@acme.test>のメール:",
		"On 2026/11/27 10:00, Support wrote:", "Supportさんは書きました:", "2026年11月27日(金) 10:00、Support\n<support@acme.test>のメール："},
	"Chinese": {"Support <support@acme.test> 于2026年11月27日周五 10:00写道：", "在 2026年11月27日，上午10:00，Support <support@acme.test> 写道：",
		"2026-11-27 10:00:00，\"Support\" <support@acme.test> 写道：", "张三 写道：", "Support <support@acme.test> 於\n2026年11月27日 週五 上午10:00寫道："},
}

func TestAnnouncementsAreKnownInEveryLanguage(t *testing.T) {
	t.Parallel()
	for language, list := range announcements {
		if len(list) < 5 {
			t.Errorf("%s has %d", language, len(list))
		}
		for _, head := range list {
			in := answer("All is fine.\n\n" + head + "\n\n> You asked for a refund.\n> Regards\n")
			if got := newText(t, in); got != "All is fine." {
				t.Errorf("%s: below %q the new text is %q", language, head, got)
			}
			// Right below the answer, and with an answer below.
			in = answer("All is fine.\n" + head + "\n> You asked for a refund.\nNot any more.\n")
			if got := newText(t, in); got != "All is fine.\nNot any more." {
				t.Errorf("%s: around %q the new text is %q", language, head, got)
			}
		}
	}
}

// headerBlocks stand above an earlier mail in Outlook and others, by language.
var headerBlocks = map[string]string{
	"English":       "From: Support <support@acme.test>\nSent: Friday, November 27, 2026 10:00 AM\nTo: Ann\nSubject: Kettle",
	"English, bold": "*From:* Support\n*Sent:* Friday\n*To:* Ann\n*Subject:* Kettle",
	"German":        "Von: Support <support@acme.test>\nGesendet: Freitag, 27. November 2026 10:00\nAn: Ann\nBetreff: Kessel",
	"German, Apple": "Von: Support\nDatum: 27. November 2026\nAn: Ann\nBetreff: Kessel",
	"French":        "De : Support <support@acme.test>\nEnvoyé : vendredi 27 novembre 2026 10:00\nÀ : Ann\nObjet : Bouilloire",
	"Spanish":       "De: Support <support@acme.test>\nEnviado el: viernes, 27 de noviembre de 2026 10:00\nPara: Ann\nAsunto: Tetera",
	"Italian":       "Da: Support <support@acme.test>\nInviato: venerdì 27 novembre 2026 10:00\nA: Ann\nOggetto: Bollitore",
	"Dutch":         "Van: Support <support@acme.test>\nVerzonden: vrijdag 27 november 2026 10:00\nAan: Ann\nOnderwerp: Ketel",
	"Portuguese":    "De: Support <support@acme.test>\nEnviada em: sexta-feira, 27 de novembro de 2026 10:00\nPara: Ann\nAssunto: Chaleira",
	"Polish":        "Od: Support <support@acme.test>\nWysłano: piątek, 27 listopada 2026 10:00\nDo: Ann\nTemat: Czajnik",
	"Czech":         "Od: Support <support@acme.test>\nOdesláno: pátek 27. listopadu 2026 10:00\nKomu: Ann\nPředmět: Konvice",
	"Swedish":       "Från: Support <support@acme.test>\nSkickat: den 27 november 2026 10:00\nTill: Ann\nÄmne: Kittel",
	"Danish":        "Fra: Support <support@acme.test>\nSendt: 27. november 2026 10:00\nTil: Ann\nEmne: Kedel",
	"Norwegian":     "Fra: Support <support@acme.test>\nDato: fredag 27. november 2026 kl. 10:00\nTil: Ann\nEmne: Kjele",
	"Finnish": "Lähettäjä: Support <support@acme.test>\nLähetetty: perjantai 27. marraskuuta 2026 10.00\nVastaanottaja: " +
		"Ann\nAihe: Keitin",
	"Russian":         "От: Support <support@acme.test>\nОтправлено: 27 ноября 2026 г. 10:00\nКому: Ann\nТема: Чайник",
	"Japanese":        "差出人: Support <support@acme.test>\n送信日時: 2026年11月27日 10:00\n宛先: Ann\n件名: やかん",
	"Chinese":         "发件人: Support <support@acme.test>\n发送时间: 2026年11月27日 10:00\n收件人: Ann\n主题: 水壶",
	"Chinese, Taiwan": "寄件者： Support\n寄件日期： 2026年11月27日\n收件者： Ann\n主旨： 水壺",
}

func TestHeaderBlocksAreKnownInEveryLanguage(t *testing.T) {
	t.Parallel()
	for language, block := range headerBlocks {
		for _, above := range []string{"", "________________________________\n", "-----Original Message-----\n"} {
			in := answer("All is fine.\n\n" + above + block + "\n\nYou asked for a refund.\nRegards\n")
			if got := newText(t, in); got != "All is fine." {
				t.Errorf("%s below %q: the new text is %q", language, above, got)
			}
		}
		in := answer("All is fine.\n\n" + block + "\n\n> You asked for a refund.\n\nNot any more.\n")
		if got := newText(t, in); got != "All is fine.\n\n\nNot any more." {
			t.Errorf("%s with an answer below: %q", language, got)
		}
	}
}

func TestOriginalMessageIsKnownInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"-----Original Message-----", "-------- Original message --------", "-----Ursprüngliche Nachricht-----",
		"-------- Originalnachricht --------",
		"-----Message d'origine-----", "-------- Message d’origine --------", "-----Mensaje original-----", "-----Messaggio originale-----",
		"-----Oorspronkelijk bericht-----", "-----Mensagem original-----", "-----Oryginalna wiadomość-----", "-----Původní zpráva-----",
		"-----Ursprungligt meddelande-----", "-----Oprindelig meddelelse-----", "-----Opprinnelig melding-----", "-----Alkuperäinen viesti-----",
		"-----Исходное сообщение-----", "-----元のメッセージ-----", "------------------ 原始邮件 ------------------", "-----原始郵件-----",
	} {
		if got := newText(t, answer("All is fine.\n\n"+line+"\nYou asked for a refund.\n")); got != "All is fine." {
			t.Errorf("below %q: %q", line, got)
		}
	}
}

func TestAnswersBetweenQuotedLinesStay(t *testing.T) {
	t.Parallel()
	in := answer("Hello,\n\nOn Fri, 27 Nov 2026 at 10:00, Support <support@acme.test> wrote:\n> Which colour?\nRed.\n> Which " +
		"size?\n\nLarge, I said at 10:00:\nvery large.\n> Regards\n\nAnn\n")
	if got := newText(t, in); got != "Hello,\n\nRed.\n\nLarge, I said at 10:00:\nvery large.\n\nAnn" {
		t.Errorf("%q", got)
	}
}

func TestSignaturesAreNoNewWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"All is fine.\n-- \nAnn, refund department": "All is fine.",
		"All is fine.\n\n--\nAnn":                   "All is fine.",
		"All is fine.\n-- \nAnn\n\nOn 27 Nov 2026, Support <s@acme.test> wrote:\n> refund": "All is fine.",
		"On 27 Nov 2026, Support <s@acme.test> wrote:\n> refund\n\nAll is fine.\n-- \nAnn": "All is fine.",
		"All is fine.\n-- \nAnn\n\n-----Original Message-----\nFrom: Support\n\nrefund":    "All is fine.",
		"-- \nAll is fine.":                        "-- \nAll is fine.",
		"One\n--\n" + strings.Repeat("more\n", 20): "One\n--\n" + strings.TrimSpace(strings.Repeat("more\n", 20)),
	} {
		if got := newText(t, answer(text)); got != want {
			t.Errorf("of %q the new text is %q", text, got)
		}
	}
}

func TestBlockquotesOfHTMLAreQuotes(t *testing.T) {
	t.Parallel()
	for name, html := range map[string]string{
		"Gmail": `<div>All is fine.</div><br><div class="gmail_quote"><div class="gmail_attr">On Fri, 27 Nov 2026 at 10:00, ` +
			`Support &lt;<a href="mailto:s@acme.test">s@acme.test</a>&gt; wrote:<br></div><blockquote class="gmail_quote"><div>You asked for a ` +
			`refund.</div></blockquote></div>`,
		"Apple Mail": `<div>All is fine.</div><div><blockquote type="cite"><div>On 27. Nov 2026, at 10:00, Support ` +
			`&lt;s@acme.test&gt; wrote:</div><div>refund</div></blockquote></div>`,
		"Thunderbird": `<p>All is fine.</p><div class="moz-cite-prefix">Am 27.11.26 um 10:00 schrieb Support:<br></div><blockquote ` +
			`type="cite"><p>refund</p></blockquote>`,
		"Outlook web": `<div>All is fine.</div><hr><div id="divRplyFwdMsg"><b>From:</b> Support<br><b>Sent:</b> ` +
			`Friday<br></div><div>refund</div>`,
		"Outlook": `<p>All is fine.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Support ` +
			`&lt;s@acme.test&gt;<br><b>Sent:</b> Friday, November 27, 2026 10:00 AM<br><b>To:</b> Ann<br><b>Subject:</b> ` +
			`Kettle</p></div><p>refund</p>`,
		"Yahoo": `<div>All is fine.</div><div class="yahoo_quoted" id="yahoo_quoted_1"><div>Am Freitag, 27. November 2026 ` +
			`schrieb Support:</div><div>refund</div></div>`,
		"Proton": `<div>All is fine.</div><div class="protonmail_quote">On Friday Support wrote:<br><blockquote ` +
			`type="cite">refund</blockquote></div>`,
		"nested, not closed": `<div>All is fine.</div><blockquote>refund<blockquote>refund</blockquote>refund`,
	} {
		in := Parse(crlf("From: ann@example.com\nSubject: Re: x\nContent-Type: text/html\n\n"+html), Envelope{From: "a@example.com"})
		if got := newText(t, in); got != "All is fine." {
			t.Errorf("%s: %q of %q", name, got, in.Text)
		}
	}
	in := Parse(crlf("From: ann@example.com\nSubject: Re: x\nContent-Type: text/html\n\n<blockquote>Which "+
		"colour?</blockquote><p>Red.</p><blockquote>Which size?</blockquote><p>Large.</p>"), Envelope{From: "a@example.com"})
	if got := newText(t, in); got != "Red.\n\n\nLarge." && got != "Red.\n\nLarge." {
		t.Errorf("between blockquotes: %q of %q", got, in.Text)
	}
}

func TestWhatAnswersNothingIsNewButForPlainQuotes(t *testing.T) {
	t.Parallel()
	first := func(subject, text string) conversation.Incoming {
		return Parse(crlf("From: ann@example.com\nSubject: "+subject+"\n\n"+text), Envelope{From: "ann@example.com"})
	}
	for _, text := range []string{
		"> 5 kettles\n> 3 cups\n\nPlease send them.", "From: Berlin\nTo: Paris\nDate: 5 May\nSubject: a trip",
		"Dear all,\n--\nthis is my text", "He wrote: please come.\nI came.",
	} {
		if got := newText(t, first("My order", text)); got != text {
			t.Errorf("of %q the new text is %q", text, got)
		}
	}
	body := "All is fine.\n\nOn Fri, 27 Nov 2026, Support <s@acme.test> wrote:\n> refund\n"
	if got := newText(t, first("Kettle", body)); got != "All is fine." {
		t.Errorf("an answer that does not say so: %q", got)
	}
	for _, subject := range []string{"Re: x", "AW: x", "SV: x", "Odp: x", "RES: x", "Vs: x", "Antw: x", "R: x", "回复：x", "[EXTERNAL] RE: x",
		"Re[2]: x", "Отв: x"} {
		if got := newText(t, first(subject, "Fine.\n> refund\n")); got != "Fine." {
			t.Errorf("%q: %q", subject, got)
		}
	}
}

func TestAForwardIsWhatItsWriterSays(t *testing.T) {
	t.Parallel()
	const gmail = "---------- Forwarded message ---------\nFrom: Shop <shop@example.net>\nDate: Fri, 27 Nov 2026\nSubject: Order\nTo: " +
		"Ann\n\nYour refund is here.\n"
	const outlook = "From: Shop <shop@example.net>\nSent: Friday\nTo: Ann\nSubject: Order\n\nYour refund is here.\n"
	for name, text := range map[string]string{
		"Gmail": gmail, "Outlook": outlook, "Apple": "\n\nSent from my iPhone\n\nBegin forwarded message:\n\n" + outlook,
		"Thunderbird": "-------- Weitergeleitete Nachricht --------\nBetreff: Order\nDatum: 27.11.2026\nVon: Shop\n\nYour refund is here.\n",
		"quoted":      "---------- Forwarded message ---------\nFrom: Shop\n\n> Your refund is here.\n",
	} {
		in := Parse(crlf("From: ann@example.com\nSubject: Fwd: Order\nReferences: <x@example.net>\n\n"+text), Envelope{From: "ann@example.com"})
		if got := newText(t, in); !strings.Contains(got, "Your refund is here.") {
			t.Errorf("%s: %q", name, got)
		}
		in = Parse(crlf("From: ann@example.com\nSubject: Fwd: Order\n\nWhat does this mean?\n\n"+text), Envelope{From: "ann@example.com"})
		if got := newText(t, in); !strings.Contains(got, "What does this mean?") || strings.Contains(got, "Your refund is here.") {
			t.Errorf("%s with a question: %q", name, got)
		}
	}
	if got := newText(t, answer("-----Original Message-----\nFrom: Support\n\nYou asked.\n\nMy answer is below.\n")); !strings.Contains(got,
		"My answer is below.") {
		t.Errorf("nothing above the earlier mail: %q", got)
	}
	if got := newText(t, answer("> You asked.\n> Regards\n")); got != "" {
		t.Errorf("nothing but a quote: %q", got)
	}
}

func TestTheWorkOnQuotesIsLinear(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"quotes": "> a\n", "announcements": "On 27 Nov 2026 10:00 a@b wrote:\n", "labels": "From: a@b\n", "colons": "10:00:\n",
		"dashes": "--\n", "rules": "_____\n",
		"blocks": "From: a@b\nSent: x\n", "blank": "a\n\n", "signatures": "--\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\n",
		"alternating": "wrote 10:00 @:\n> a\n", "originals": "-----Original Message-----\n> a\n",
	} {
		text := strings.Repeat(unit, 200_000/len(unit)) + "end\n> a\n"
		r := reader{}
		r.quotes(conversation.Incoming{Subject: "Re: x", Text: text}, nil)
		if r.steps > 60*len(text) {
			t.Errorf("%s: %d steps for %d bytes", name, r.steps, len(text))
		}
	}
}
