package pg

import (
	"net/mail"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// Set copies what is there.
func Set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Problems gathers what is wrong with an input.
type Problems []errs.Problem

// Add notes what is wrong at a path.
func (p *Problems) Add(path, message string) {
	*p = append(*p, errs.Problem{Path: path, Message: message})
}

// Err is nil without problems, else an error of kind errs.Invalid that has them all.
func (p Problems) Err(op string) error {
	if len(p) == 0 {
		return nil
	}
	return errs.Bad(op, "validation failed", p)
}

// Line checks a text of one line and returns it without spaces around.
func (p *Problems) Line(path, text string, atLeast, atMost int) string {
	text = strings.TrimSpace(text)
	if err := conversation.CheckLine(text, atLeast, atMost); err != "" {
		p.Add(path, err)
	}
	return text
}

// Address checks a bare e-mail address and returns it without spaces around.
func (p *Problems) Address(path, text string) string {
	text = strings.TrimSpace(text)
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || len(text) > 254 {
		p.Add(path, "this is no e-mail address")
	}
	return text
}

// Tags checks the tags of a conversation and returns them as they are kept.
func (p *Problems) Tags(list []string) []string {
	clean := make([]string, len(list))
	for i, t := range list {
		clean[i] = conversation.CleanTag(p.Line(At("tags", i), t, 1, conversation.MaxTagLength))
	}
	if len(clean) > conversation.MaxTags {
		p.Add("tags", "a conversation has at most 100 tags")
	}
	return clean
}

// At is the path of a list's i-th entry.
func At(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
