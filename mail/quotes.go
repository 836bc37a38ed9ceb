package mail

import (
	"strings"
	"unicode"

	"github.com/smarticks/smarticks/conversation"
)

// quotes finds the parts of a text that its writer repeats from earlier mails, and the
// signature. The work is bounded by the length of the text.
//
// Where the mail answers something, quoted lines, blockquotes, the line that
// announces them, and what stands below a header block or "Original Message" are no
// new words; answers between quoted lines are. Where it answers nothing, only what is
// unmistakable counts. A forward that is all of the mail is what the writer says.
func (r *reader) quotes(in conversation.Incoming, inHTML []conversation.Span) []conversation.Span {
	if in.Machine == conversation.MachineBounce || strings.TrimSpace(in.Text) == "" {
		return nil
	}
	subject := withoutTag(subjectForSigns(in.Subject))
	q := quoteReader{
		text: in.Text, lines: linesOf(in.Text, inHTML),
		answers:  len(in.InReplyTo)+len(in.References) > 0 || replyPrefix(subject) != "",
		forwards: forwardPrefix(subject) != "",
	}
	q.read()
	r.steps += len(in.Text) + q.steps
	if !q.anyQuote || !q.saysMore() && (q.forwards || q.tail || !q.answers) {
		return nil
	}
	return q.spans()
}

// textLine is one line of a text.
type textLine struct {
	start, end int    // in the text, with the line's end
	says       string // without spaces around it
	quoted     bool   // it begins with ">" or stands in a blockquote
	out        bool   // it is no new text
}

// linesOf cuts a text into its lines; those that begin within a span of blockquotes
// are quoted.
func linesOf(text string, inHTML []conversation.Span) []textLine {
	lines := make([]textLine, 0, strings.Count(text, "\n")+1)
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n') + at + 1
		if end == at {
			end = len(text)
		}
		says := strings.TrimSpace(text[at:end])
		for len(inHTML) > 0 && inHTML[0].End <= at {
			inHTML = inHTML[1:]
		}
		inside := len(inHTML) > 0 && inHTML[0].Start <= at
		lines = append(lines, textLine{start: at, end: end, says: says, quoted: inside || strings.HasPrefix(says, ">") && !isGroupWises(says)})
		at = end
	}
	return lines
}

// quoteReader marks the lines that are no new text.
type quoteReader struct {
	text     string
	lines    []textLine
	answers  bool // the mail answers something
	forwards bool // its subject says that it forwards something
	tail     bool // what stands below a separator was left out to the end
	anyQuote bool
	steps    int // bytes of lines that were looked at once more
}

func (q *quoteReader) read() {
	for i := 0; i < len(q.lines) && !q.tail; i++ {
		switch {
		case q.lines[i].quoted:
			i = q.block(i)
		case q.lines[i].says != "":
			q.separator(i)
		}
	}
	if q.answers {
		q.signature()
	}
}

// block leaves out the quoted lines from i on and the line that announces them, and
// returns the last of them.
func (q *quoteReader) block(i int) int {
	last := i
	for j := i; j < len(q.lines) && (q.lines[j].quoted || q.lines[j].says == ""); j++ {
		if q.lines[j].quoted {
			last = j
		}
	}
	head := q.announced(i)
	if !q.answers && head == i {
		return last
	}
	q.leaveOut(head, last+1)
	return last
}

func (q *quoteReader) leaveOut(from, to int) {
	for j := from; j < to; j++ {
		q.lines[j].out = true
	}
	q.anyQuote = true
}

// announced returns the first line of what announces the quote that begins at line i;
// i when nothing does.
func (q *quoteReader) announced(i int) int {
	end := i
	for end > 0 && i-end < 2 && q.lines[end-1].says == "" {
		end--
	}
	found := i
	joined := ""
	for j := end - 1; j >= 0 && j >= end-maxAnnouncing; j-- {
		l := q.lines[j]
		q.steps += len(l.says)
		if l.says == "" || l.quoted || l.out {
			break
		}
		joined = strings.TrimSpace(l.says + " " + joined)
		if len(joined) > maxAnnouncingBytes {
			break
		}
		if announces(joined) && (found == i || continues(l.says)) {
			found = j
			if beginsAnnouncing(l.says) && strings.Contains(joined, "@") {
				break
			}
		}
		if separatorLine(l.says) != "" && j == end-1 {
			found = j
		}
	}
	if found == i {
		if j, ok := q.headerBlockEndingAt(end); ok {
			return j
		}
	}
	return found
}

// A line that announces a quote may be wrapped.
const (
	maxAnnouncing      = 4
	maxAnnouncingBytes = 500
)

// separator leaves out everything from line i on when what stands below it is an
// earlier mail.
func (q *quoteReader) separator(i int) {
	kind := separatorLine(q.lines[i].says)
	next := q.nextLine(i + 1)
	label, quoted := false, false
	if next < len(q.lines) {
		label, quoted = labelOf(q.lines[next].says) != "", q.lines[next].quoted
	}
	known := q.answers || q.forwards
	switch {
	case kind == "forward" && (label || known), kind == "original" && (label || quoted || q.answers):
		q.leaveTail(i)
	case kind == "rule" && label && known && q.headerBlock(next) > 0, kind == "" && known && q.headerBlock(i) > 0:
		q.leaveTail(i)
	case kind == "" && q.answers:
		q.bareAnnouncement(i)
	}
}

// leaveTail leaves out everything from line i on. Where the earlier mail's lines are
// quoted, those below its header block are looked at one by one, since answers may
// stand between them.
func (q *quoteReader) leaveTail(i int) {
	body := q.nextLine(i + 1)
	if body < len(q.lines) && q.headerBlock(body) > 0 {
		body = q.nextLine(body + q.headerBlock(body))
	} else if q.headerBlock(i) > 0 {
		body = q.nextLine(i + q.headerBlock(i))
	}
	if body < len(q.lines) && q.lines[body].quoted {
		q.leaveOut(i, body)
		return
	}
	q.leaveOut(i, len(q.lines))
	q.tail = true
}

// bareAnnouncement leaves out everything from line i on when an announcement begins
// there below which nothing is marked as quoted.
func (q *quoteReader) bareAnnouncement(i int) {
	joined := ""
	for j := i; j < len(q.lines) && j < i+maxAnnouncing && q.lines[j].says != "" && !q.lines[j].quoted; j++ {
		q.steps += len(q.lines[j].says)
		if joined = strings.TrimSpace(joined + " " + q.lines[j].says); len(joined) > maxAnnouncingBytes {
			return
		}
		if !announcesBySentence(joined) {
			continue
		}
		if next := q.nextLine(j + 1); next < len(q.lines) && q.lines[next].quoted {
			return // the block below it takes it along
		}
		q.leaveOut(i, len(q.lines))
		q.tail = true
		return
	}
}

// nextLine returns the next line that says something, or the number of lines.
func (q *quoteReader) nextLine(i int) int {
	for i < len(q.lines) && q.lines[i].says == "" {
		q.steps++
		i++
	}
	return i
}

// maxHeaderLines is how many lines a mail's header block has in a text.
const maxHeaderLines = 12

// headerBlock returns how many lines the header block of an earlier mail has that
// begins at line i ("From:", "Sent:", "To:", "Subject:"), 0 when there is none. Some
// programs begin with another field than From (GMX, Notes): there, each line is a field.
func (q *quoteReader) headerBlock(i int) int {
	first := labelOf(q.lines[i].says)
	if first == "" {
		return 0
	}
	seen := map[string]bool{}
	count, withAddress := 0, false
	for j := i; j < len(q.lines) && j < i+maxHeaderLines; j++ {
		says := q.lines[j].says
		q.steps += min(len(says), 60)
		if says == "" && len(seen) > 1 {
			break
		}
		label := labelOf(says)
		if label == "" && first != "from" {
			break
		}
		if label != "" {
			seen[label] = true
			count = j - i + 1
			withAddress = withAddress || strings.Contains(says, "@")
		}
	}
	if first != "from" && (!seen["from"] || !seen["sent"] || !seen["to"] || !seen["subject"]) {
		return 0
	}
	if seen["subject"] && (seen["sent"] || seen["to"]) || seen["sent"] && seen["to"] && withAddress {
		return count
	}
	return 0
}

// headerBlockEndingAt returns where the header block begins that ends before line end.
func (q *quoteReader) headerBlockEndingAt(end int) (int, bool) {
	for j := end - 1; j >= 0 && j >= end-maxHeaderLines && q.lines[j].says != "" && !q.lines[j].quoted; j-- {
		if n := q.headerBlock(j); n > 0 && j+n >= end {
			return j, true
		}
	}
	return 0, false
}

// maxSignatureLines is how long a signature may be whose separator lost its space.
const maxSignatureLines = 15

// maxSignatureTries is how many lines are taken for the separator until one is.
const maxSignatureTries = 10

// signature leaves out what stands below the last signature separator, up to the next
// quote.
func (q *quoteReader) signature() {
	tries := 0
	for i := len(q.lines) - 1; i >= 0 && tries < maxSignatureTries; i-- {
		l := q.lines[i]
		if l.out || l.says != "--" && l.says != "—" {
			continue
		}
		tries++
		end := i
		for end < len(q.lines) && !q.lines[end].out {
			q.steps++
			end++
		}
		exact := strings.HasPrefix(q.text[l.start:l.end], "-- ")
		if !exact && end-i > maxSignatureLines {
			continue
		}
		if !saysSomething(q.lines[:i]) {
			return
		}
		q.leaveOut(i, end)
		return
	}
}

// saysMore reports whether anything stands outside what was left out.
func (q *quoteReader) saysMore() bool { return saysSomething(q.lines) }

func saysSomething(lines []textLine) bool {
	for _, l := range lines {
		if !l.out && strings.ContainsFunc(l.says, isWordRune) && !isDeviceLine(l.says) {
			return true
		}
	}
	return false
}

func isWordRune(c rune) bool {
	return unicode.IsLetter(c) || unicode.IsDigit(c) || c > 0x2100 && unicode.IsSymbol(c)
}

// spans returns what was left out, lines that follow each other joined.
func (q *quoteReader) spans() []conversation.Span {
	var spans []conversation.Span
	for _, l := range q.lines {
		switch {
		case !l.out:
		case len(spans) > 0 && spans[len(spans)-1].End == l.start:
			spans[len(spans)-1].End = l.end
		default:
			spans = append(spans, conversation.Span{Start: l.start, End: l.end})
		}
	}
	return spans
}
