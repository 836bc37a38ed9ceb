package mail

import (
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

// Exchange says of its holiday notes that they were generated, and puts words of the
// writer's language before the subject: nobody wrote them.
func TestOutsidersHolidayNotesOfExchange(t *testing.T) {
	t.Parallel()
	const head = "From: Ann <ann@lee.example>\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: " +
		"All\nX-MS-Exchange-Inbox-Rules-Loop: ann@lee.example\nIn-Reply-To: <a@acme.test>\n"
	for _, subject := range []string{
		"Automatski odgovor: Upit", "Samodejni odgovor: Vprašanje", "Automaatvastus: Päring", "Automātiska atbilde: Jautājums",
		"Automatinis atsakymas: Klausimas",
		"Автоматичен отговор: Въпрос", "Аутоматски одговор: Питање", "Resposta automàtica: Consulta", "Sjálfvirkt svar: Spurning",
		"תשובה אוטומטית: שאלה",
		"رد تلقائي: سؤال", "ตอบกลับอัตโนมัติ: คำถาม", "Trả lời tự động: Câu hỏi", "Balasan otomatis: Pertanyaan", "Automatikus válasz: Kérdés",
		"Răspuns automat: Întrebare",
	} {
		in := fromOutside("ann@lee.example", head+"Subject: "+subject+"\nMessage-ID: <h@lee.example>\n\nI am away.\n")
		if in.Machine != conversation.MachineAutoReply {
			t.Errorf("%q is marked %q", subject, in.Machine)
		}
		// Without a word of the server's, a first mail is a person's, and an answer is not.
		in = fromOutside("ann@lee.example", "From: Ann <ann@lee.example>\nSubject: "+subject+"\nMessage-ID: <h@lee.example>\n\nI am away.\n")
		if in.Machine != "" || in.MachineAsAnswer != conversation.MachineAutoReply {
			t.Errorf("%q by its subject alone is marked %q, as an answer %q", subject, in.Machine, in.MachineAsAnswer)
		}
	}
	for _, subject := range []string{"Upit: automatski odgovor ne radi", "Re: Samodejni odgovor", "سؤال عن رد تلقائي"} {
		in := fromOutside("ann@lee.example", "From: Ann <ann@lee.example>\nSubject: "+subject+
			"\nMessage-ID: <h@lee.example>\n\nHow do I switch it on?\n")
		if in.Machine != "" || in.MachineAsAnswer != "" {
			t.Errorf("%q is marked %q, as an answer %q", subject, in.Machine, in.MachineAsAnswer)
		}
	}
}

// Other systems' mail, as they send it.
func TestOutsidersOtherSystems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		head            string
		machine         conversation.Machine
		answered, waits bool
	}{
		"OTRS acknowledges": {"From: Desk <desk@otrs.example>\nAuto-Submitted: auto-replied\nPrecedence: bulk\nX-OTRS-Loop: " +
			"yes\nX-Powered-By: OTRS", conversation.MachineAutoReply, false, false},
		"Request Tracker": {"From: \"Ann via RT\" <rt@desk.example>\nPrecedence: bulk\nX-RT-Loop-Prevention: desk\nRT-Ticket: " +
			"desk #7\nReply-To: rt@desk.example", conversation.MachineList, false, true},
		"a desk that asks for no OOF": {"From: Desk <desk@fresh.example>\nX-Auto-Response-Suppress: DR, RN, OOF",
			conversation.MachineSuppressed, false, true},
		"Jira tells of a change": {"From: \"Ann (Jira)\" <jira@track.example>\nAuto-Submitted: auto-generated\nPrecedence: " +
			"bulk\nX-JIRA-FingerPrint: 0a", conversation.MachineList, false, true},
		"a forge's notice": {"From: ann <notifications@forge.example>\nReply-To: acme/kettle " +
			"<reply+AB7@reply.forge.example>\nList-ID: acme/kettle <kettle.acme.forge.example>\nPrecedence: list", conversation.MachineList,
			false, true},
		"cron": {"From: root@box.example (Cron Daemon)\nAuto-Submitted: auto-generated\nX-Cron-Env: <SHELL=/bin/sh>",
			conversation.MachineGenerated, false, true},
		"Gmail's holiday note": {"From: Ann <ann@mail.example>\nAuto-Submitted: auto-replied\nPrecedence: bulk\nX-Autoreply: yes",
			conversation.MachineAutoReply, false, false},
		"a Sieve vacation": {"From: Ann <ann@lee.example>\nAuto-Submitted: auto-replied (vacation)", conversation.MachineAutoReply,
			false, false},
		"a person's first mail by an old list server that only relays": {"From: Ann <ann@lee.example>\nSender: ann@lee.example\nX-Mailer: " +
			"Gnus/5.13", "", true, true},
		"a person with a receipt wanted": {"From: Ann <ann@lee.example>\nDisposition-Notification-To: " +
			"ann@lee.example\nX-Auto-Response-Suppress: DR, RN, NRN\nImportance: high", "", true, true},
	} {
		in := fromOutside("bounce@x.example", c.head+"\nTo: support@acme.test\nSubject: Kettle\nMessage-ID: <s@x.example>\n\nWords.\n")
		if in.Machine != c.machine || in.Machine.MayAnswer() != c.answered || in.Machine.NobodyWaits() == c.waits {
			t.Errorf("%s: marked %q, may be answered %v, nobody waits %v", name, in.Machine, in.Machine.MayAnswer(), in.Machine.NobodyWaits())
		}
	}
}
