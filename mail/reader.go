package mail

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// reader collects what one mail holds.
type reader struct {
	parts         int
	steps         int    // bytes that were looked at, as often as they were
	scanned       int    // of these, in search of boundaries
	mayScan       int    // how much of that there may be
	charset       string // of the top part's text, a guess for what stands raw in headers
	problems      []string
	gaps          conversation.Gaps
	html          strings.Builder
	texts         int // parts that are text that is shown
	textBytes     int // of the texts so far
	leaves        int // parts that hold no others
	named         []namedText
	attachments   []conversation.Attachment
	about         report // what it says of another mail
	calendarReply bool   // a calendar part answers an invitation, without a comment
}

// note keeps a sentence for Problem, once.
func (r *reader) note(problem string) {
	if !slices.Contains(r.problems, problem) {
		r.problems = append(r.problems, problem)
	}
}

// gap notes the first reason why a kind of content is not known whole, and tells
// people too.
func (r *reader) gap(of *string, reason string) {
	if *of == "" {
		*of = reason
	}
	r.note(reason)
}

func (r *reader) textGap(reason string)   { r.gap(&r.gaps.Text, reason) }
func (r *reader) headerGap(reason string) { r.gap(&r.gaps.Headers, reason) }
func (r *reader) filesGap(reason string)  { r.gap(&r.gaps.Files, reason) }

// partsGap notes what hides texts and files alike.
func (r *reader) partsGap(reason string) {
	r.textGap(reason)
	r.filesGap(reason)
}

// subject returns as much of a subject as is kept.
func (r *reader) subject(s string) string {
	cut := cutRunes(s, maxSubject)
	if len(cut) < len(s) {
		r.headerGap("the subject is longer than 1,000 characters and was cut")
	}
	return cut
}

// sanitised returns the HTML of the parts as it may be shown.
func (r *reader) sanitised() string {
	r.steps += 2 * r.html.Len()
	clean, cut := sanitise(r.html.String())
	if cut {
		r.note("the HTML is longer than 1 MB and was cut")
	}
	return clean
}
