package mail

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// reader collects what one mail holds.
type reader struct {
	parts          int
	problems       []string
	html           strings.Builder
	attachments    []conversation.Attachment
	deliveryStatus bool     // there is a message/delivery-status part
	returned       []string // Message-IDs of mails that a report gives back
	marks          []string // and the causes that they carry
}

// note keeps a sentence for Problem, once.
func (r *reader) note(problem string) {
	if !slices.Contains(r.problems, problem) {
		r.problems = append(r.problems, problem)
	}
}

// piece is the text of one part, in the order of the mail.
type piece struct {
	text     string
	fromHTML bool
}

// text joins the pieces and keeps what the limit allows.
func (r *reader) text(pieces []piece) string {
	var texts []string
	for _, p := range pieces {
		if t := strings.Trim(p.text, "\n"); strings.TrimSpace(t) != "" {
			texts = append(texts, t)
		}
	}
	text := strings.Join(texts, "\n\n")
	if cut := cutBytes(text, maxTextBytes); len(cut) < len(text) {
		r.note("the text is longer than 1 MB and was cut")
		return cut
	}
	return text
}

// sanitised returns the HTML of the parts as it may be shown.
func (r *reader) sanitised() string {
	clean, cut := sanitise(r.html.String())
	if cut {
		r.note("the HTML is longer than 1 MB and was cut")
	}
	return clean
}
