package store

import (
	"net/mail"
	"strconv"
	"strings"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// set copies what is there.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// problems gathers what is wrong with an input.
type problems []errs.Problem

func (p *problems) add(path, message string) {
	*p = append(*p, errs.Problem{Path: path, Message: message})
}

func (p problems) err(op string) error {
	if len(p) == 0 {
		return nil
	}
	return errs.Bad(op, "validation failed", p)
}

// line checks a text of one line and returns it without spaces around.
func (p *problems) line(path, text string, atLeast, atMost int) string {
	text = strings.TrimSpace(text)
	if err := conversation.CheckLine(text, atLeast, atMost); err != "" {
		p.add(path, err)
	}
	return text
}

// address checks a bare e-mail address and returns it without spaces around.
func (p *problems) address(path, text string) string {
	text = strings.TrimSpace(text)
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || len(text) > 254 {
		p.add(path, "this is no e-mail address")
	}
	return text
}

// tags checks the tags of a conversation and returns them as they are kept.
func (p *problems) tags(list []string) []string {
	clean := make([]string, len(list))
	for i, t := range list {
		clean[i] = conversation.CleanTag(p.line(at("tags", i), t, 1, conversation.MaxTagLength))
	}
	if len(clean) > conversation.MaxTags {
		p.add("tags", "a conversation has at most 100 tags")
	}
	return clean
}

// at is the path of a list's i-th entry.
func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
