package mail

import "strings"

// calendar looks into a calendar part for the answer to an invitation (RFC 5546).
func (r *reader) calendar(method, encoding string, body []byte) {
	says := string(r.opened(encoding, body))
	comment := ""
	for line := range strings.SplitSeq(says, "\n") {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name, _, _ = strings.Cut(name, ";"); strings.ToUpper(name) {
		case "METHOD":
			method = value
		case "COMMENT":
			comment += strings.TrimSpace(strings.ReplaceAll(value, `\n`, ""))
		}
	}
	r.calendarReply = strings.EqualFold(strings.TrimSpace(method), "REPLY") && comment == ""
}

// calendarSubjects begin the subject of an answer to an invitation, in lower case.
var calendarSubjects = []string{
	"accepted", "declined", "tentative", "tentatively accepted", "zugesagt", "abgesagt", "abgelehnt", "mit vorbehalt", "accepté", "refusé",
	"provisoire", "aceptado", "aceptada", "rechazado", "rechazada", "provisional", "accettato", "rifiutato", "provvisorio", "geaccepteerd",
	"geweigerd",
	"voorlopig", "aceito", "recusado", "provisório", "zaakceptowano", "odrzucono", "wstępnie", "přijato", "odmítnuto", "accepterat", "avböjt",
	"accepteret", "afslået", "akseptert", "avslått", "hyväksytty", "hylätty", "принято", "отклонено", "под вопросом", "承諾", "辞退", "已接受", "已拒绝",
}

// calendarWords are in the sentence that calendar programs put into such an answer by
// themselves, in lower case.
var calendarWords = []string{
	"has accepted this invitation", "has declined this invitation", "has accepted the invitation", "has declined the invitation",
	"has tentatively accepted", "has replied \"maybe\"", "has replied “maybe”", "hat diese einladung angenommen",
	"hat diese einladung abgelehnt",
	"hat die einladung angenommen", "hat die einladung abgelehnt", "a accepté cette invitation", "a refusé cette invitation",
	"ha aceptado esta invitación", "ha rechazado esta invitación", "ha accettato questo invito", "ha rifiutato questo invito",
	"heeft deze uitnodiging geaccepteerd", "heeft deze uitnodiging afgewezen", "aceitou este convite", "recusou este convite",
}

// wordless reports whether an answer to an invitation holds nothing that a person
// wrote: no text, or the calendar's own sentence without a note.
func wordless(subject, text string) bool {
	if strings.TrimSpace(text) == "" {
		return true
	}
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(cutBytes(text, 1000))), "\n")
	if strings.Contains(first, "note") || strings.HasSuffix(first, ":") {
		return false
	}
	s := subjectForSigns(subject)
	for _, p := range calendarSubjects {
		if rest, ok := strings.CutPrefix(s, p); ok && !beginsWithLetter(rest) {
			for _, w := range calendarWords {
				if strings.Contains(first, w) {
					return true
				}
			}
		}
	}
	return false
}
