package mail

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// How much of a report is looked at.
const (
	maxReportBytes  = 512 << 10 // of one part of it
	maxReportText   = 256 << 10 // of its text
	maxReportGroups = 50        // recipients that it reports
	maxReturned     = 10        // mails that are given back
)

// report is what a mail's parts say of another mail.
type report struct {
	status   bool // there is a message/delivery-status part
	receipt  bool // there is a message/disposition-notification part
	bounce   conversation.Bounce
	ids      []string // Message-IDs of mails that are attached, in order
	marks    []string // and the causes that they carry
	original []string // ids that the report itself names
}

// report looks into a part for the signs of a delivery report and for the mail it
// is about, so that a bounce finds its conversation. The parts may stand in any
// order.
func (r *reader) report(kind, encoding string, body []byte) {
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		r.about.status = true
		r.deliveryStatus(r.opened(encoding, body))
	case "message/disposition-notification", "message/global-disposition-notification":
		r.about.receipt = true
		fields, _ := (&reader{}).header(r.opened(encoding, body))
		r.about.original = append(r.about.original, messageIDs(rawFields(fields, "Original-Message-ID"))...)
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
		if len(r.about.ids) >= maxReturned {
			return
		}
		fields, _ := (&reader{}).header(skipLeadingBlankLines(r.opened(encoding, body)))
		if ids := messageIDs(rawFields(fields, "Message-ID")); len(ids) > 0 {
			r.about.ids = append(r.about.ids, ids[0])
		}
		if loop := rawField(fields, HeaderLoop); loop != "" {
			r.about.marks = append(r.about.marks, cleanLine(loop))
		}
	}
}

// opened undoes the transfer encoding of as much of a part as is looked at.
func (r *reader) opened(encoding string, body []byte) []byte {
	content, _ := r.transfer(encoding, body[:min(len(body), maxReportBytes)])
	return content
}

// deliveryStatus reads the groups of RFC 3464 2: one of the mail, one of each
// recipient. The first recipient that failed is told, else the first one.
func (r *reader) deliveryStatus(body []byte) {
	for range maxReportGroups {
		body = skipLeadingBlankLines(body)
		if len(body) == 0 {
			return
		}
		var fields []field
		if fields, body = (&reader{}).header(body); len(fields) == 0 {
			return
		}
		r.about.original = append(r.about.original, messageIDs(rawFields(fields, "X-Original-Message-ID"))...)
		recipient := reportAddress(firstOf(rawField(fields, "Final-Recipient"), rawField(fields, "Original-Recipient")))
		action, status := reportAction(rawField(fields, "Action")), reportStatus(rawField(fields, "Status"))
		if recipient == "" && action == "" && status == "" {
			continue
		}
		if action == "" {
			action = actionOf(status)
		}
		if b := &r.about.bounce; b.Action == "" || b.Action != conversation.BounceFailed && action == conversation.BounceFailed {
			b.Action, b.Status, b.Recipient = action, status, recipient
		}
	}
}

// reportAddress reads "rfc822; ann@example.com".
func reportAddress(value string) string {
	if _, address, ok := strings.Cut(value, ";"); ok {
		value = address
	}
	if list := (&reader{}).addresses([]string{value}); len(list) > 0 && strings.Contains(list[0].address, "@") {
		return list[0].address
	}
	return ""
}

func reportAction(value string) conversation.BounceAction {
	if words := signWords(value); len(words) > 0 {
		switch a := conversation.BounceAction(words[0]); a {
		case conversation.BounceFailed, conversation.BounceDelayed, conversation.BounceDelivered, conversation.BounceRelayed,
			conversation.BounceExpanded:
			return a
		}
	}
	return ""
}

func reportStatus(value string) string {
	if words := signWords(value); len(words) > 0 && isStatus(words[0]) {
		return words[0]
	}
	return ""
}

func actionOf(status string) conversation.BounceAction {
	switch {
	case strings.HasPrefix(status, "2."):
		return conversation.BounceDelivered
	case strings.HasPrefix(status, "4."):
		return conversation.BounceDelayed
	}
	return conversation.BounceFailed
}

// isStatus reports whether a word is a status code of RFC 3463.
func isStatus(word string) bool {
	class, rest, ok := strings.Cut(word, ".")
	subject, detail, more := strings.Cut(rest, ".")
	return ok && more && (class == "2" || class == "4" || class == "5") && isShortNumber(subject) && isShortNumber(detail)
}

func isShortNumber(s string) bool {
	return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// copiedIDs finds the Message-IDs in a text that repeats the mail it gives back, as
// exim, qmail, sendmail, Exchange, Gmail, Yahoo and others write them; what stands
// before the first of them is what the server says.
func copiedIDs(text string) (ids []string, says string) {
	text = text[:min(len(text), maxReportText)]
	says = text
	for at := 0; len(ids) < maxReturned; {
		value, end, ok := copiedField(text, at, "message-id")
		if !ok {
			break
		}
		if id := messageIDs([]string{value}); len(id) > 0 {
			if len(ids) == 0 {
				says = text[:end-len(value)]
			}
			if !slices.Contains(ids, id[0]) {
				ids = append(ids, id[0])
			}
		}
		at = end
	}
	return ids, says
}

// copiedField finds the next header field of the name in a text, and where its value
// ends. The value is the rest of the line and, where that is empty, the next line.
func copiedField(text string, from int, name string) (value string, end int, ok bool) {
	for at := from; ; {
		i := indexFold(text[at:], name)
		if i < 0 {
			return "", len(text), false
		}
		start := at + i
		at = start + len(name)
		rest := strings.TrimLeft(text[at:min(len(text), at+20)], " \t")
		if start > 0 && isWordByte(text[start-1]) || !strings.HasPrefix(rest, ":") {
			continue
		}
		begin := at + strings.IndexByte(text[at:], ':') + 1
		begin += len(text[begin:]) - len(strings.TrimLeft(text[begin:], " \t>\n"))
		stop := begin + maxIDBytes + 2
		if stop > len(text) {
			stop = len(text)
		}
		line, _, _ := strings.Cut(text[begin:stop], "\n")
		return line, begin + len(line), true
	}
}

// indexFold is strings.Index for an ASCII name in lower case.
func indexFold(s, name string) int {
	for at := 0; ; {
		i := strings.IndexAny(s[at:], name[:1]+strings.ToUpper(name[:1]))
		if i < 0 || at+i+len(name) > len(s) {
			return -1
		}
		if at += i; strings.EqualFold(s[at:at+len(name)], name) {
			return at
		}
		at++
	}
}

func isWordByte(c byte) bool { return isDomainByte(c) || c == '_' }

// bounce completes what the mail reports of another one. The parts of a report come
// first; what they leave open is taken from the header and from the text.
func (r *reader) bounce(in conversation.Incoming, h headers, copied []string, says string) *conversation.Bounce {
	b := r.about.bounce
	b.MessageIDs = slices.Concat(r.about.ids, r.about.original, copied)
	if len(b.MessageIDs) == 0 {
		b.MessageIDs = slices.Clone(in.InReplyTo)
	}
	b.MessageIDs = messageIDs(bracketedAll(b.MessageIDs))
	if b.Recipient == "" {
		b.Recipient = reportAddress(h.first("X-Failed-Recipients"))
	}
	if b.Recipient == "" {
		b.Recipient = recipientIn(says, slices.Concat(in.To, in.Cc, []string{in.Sender.Address}))
	}
	if b.Status == "" {
		b.Status = statusIn(says)
	}
	if b.Action == "" {
		b.Action = conversation.BounceFailed
		if saysDelayed(in.Subject) || saysDelayed(says) {
			b.Action = conversation.BounceDelayed
		}
	}
	return &b
}

func bracketedAll(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = "<" + id + ">"
	}
	return out
}

// maxSays is how much of what a server says is searched.
const maxSays = 16 << 10

// statusIn finds a status code in what a server says: "550 5.1.1 user unknown",
// "(#5.1.1)".
func statusIn(says string) string {
	for word := range strings.FieldsFuncSeq(cutBytes(says, maxSays),
		func(c rune) bool { return strings.ContainsRune(" \t\n()[]<>#,;:-", c) }) {
		if isStatus(word) {
			return word
		}
	}
	return ""
}

// recipientIn finds the first address in what a server says that is none of those.
func recipientIn(says string, not []string) string {
	for word := range strings.FieldsFuncSeq(cutBytes(says, maxSays),
		func(c rune) bool { return strings.ContainsRune(" \t\n<>()[],;:\"'", c) }) {
		word = strings.ToLower(strings.Trim(word, "."))
		if strings.Contains(word, "@") && CheckAddress(conversation.AddressKey(word)) == nil && !slices.Contains(not, word) {
			return word
		}
	}
	return ""
}

// reportSubjects begin the subjects of what servers send back, in lower case.
var reportSubjects = []string{
	"undeliver", "undelivered mail", "delivery status notification", "delivery notification", "delivery failure", "delivery failed",
	"delivery report", "delivery has failed", "delivery delayed", "delivery error", "delivery problem", "mail delivery", "mail status report",
	"mail system error", "mail could not be delivered", "message delivery", "message undeliverable", "message could not be delivered",
	"message status", "failure notice", "failed mail", "failed delivery", "failure delivery", "returned mail", "returned to sender",
	"returned email",
	"return receipt", "non-delivery", "non delivery", "nondelivery", "nondeliverable", "warning: could not send", "warning: message",
	"could not send message", "error sending", "unable to deliver", "user unknown", "bounce", "permanent delivery failure", "dsn:", "ndr:",
	"unzustellbar", "nicht zustellbar", "zustellung fehlgeschlagen", "zustellfehler", "unzustellbarkeit", "nachricht nicht zustellbar",
	"benachrichtung zum", "benachrichtigung zum", "zustellungsbenachrichtigung", "zustellung verzögert", "non remis", "échec de la remise",
	"échec de remise", "message non distribué", "non distribuable", "non remis :", "no se puede entregar", "no se pudo entregar",
	"no entregado", "mensaje no entregado", "error de entrega", "correo no entregado", "non recapitabile", "mancato recapito",
	"mancata consegna",
	"onbestelbaar", "niet bezorgd", "não entregue", "não é possível entregar", "não entregável", "falha na entrega", "niedostarczalne",
	"niedostarczona",
	"nie można dostarczyć", "nelze doručit", "nedoručitelné", "nedoručeno", "olevererbart", "kan inte levereras", "kan ikke leveres",
	"uleverbar",
	"ikke levert", "ei voida toimittaa", "toimitus epäonnistui", "не удается доставить", "недоставленное сообщение", "недоставлено", "配信不能",
	"配信不可",
	"配信できません", "未送达", "无法传递", "无法投递", "退信", "系统退信", "退回",
}

// isReportSubject reports whether a subject is one of a report about a mail's delivery.
func isReportSubject(subject string) bool {
	s := subjectForSigns(subject)
	for _, p := range reportSubjects {
		if strings.HasPrefix(s, p) || strings.HasPrefix(withoutTag(s), p) {
			return true
		}
	}
	return false
}

// saysDelayed reports whether a server says that it will try on.
func saysDelayed(says string) bool {
	s := strings.ToLower(strings.Join(strings.Fields(cutBytes(says, 4<<10)), " "))
	for _, p := range []string{
		"delayed", "(delay)", "will keep trying", "will continue to try", "will be retried", "will retry", "still trying",
		"not yet been delivered",
		"not been delivered yet", "do not need to resend", "don't need to resend", "do not resend", "delivery attempts will continue",
		"could not be delivered for", "warning message only", "this is a warning only", "temporary problem", "verzögert", "retardé", "retrasad",
		"ritardat", "vertraagd", "atrasad", "opóźnion", "zpožděn", "försenad", "forsinket", "viivästy", "отложен", "задерж", "遅延", "延迟", "延遲",
	} {
		if strings.Contains(s, p) {
			return !strings.Contains(s, "permanent")
		}
	}
	return false
}
