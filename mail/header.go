package mail

import (
	"bytes"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// field is a header field, unfolded but not decoded.
type field struct {
	name  string
	value []byte
}

// header splits a mail or a part into its header fields and its body. No input
// is refused: a line that is neither a field nor a continuation joins the field
// before it when a field that mails have follows, as some filters insert such lines,
// and an mbox line is skipped. Else the blank line is missing, or has a space in it,
// and the body begins there.
func (r *reader) header(raw []byte) (fields []field, body []byte) {
	rest := raw
	ahead := lookahead{r: r}
	for first := true; len(rest) > 0; first = false {
		line, after := cutLine(rest)
		if len(line) == 0 {
			return fields, after
		}
		if len(raw)-len(rest)+len(line) > maxHeaderBytes {
			r.headerGap("the header is longer than 256 KB and was cut")
			return fields, afterBlankLine(rest)
		}
		r.steps += len(line)
		name, value, ok := cutField(line)
		blank := len(bytes.TrimSpace(line)) == 0
		switch {
		case first && isMboxLine(line):
		case ok:
			fields = append(fields, field{name, value})
		case isContinuation(line) && len(fields) > 0 && !blank:
			fields[len(fields)-1].join(line)
		case !ahead.field(after):
			if blank {
				return fields, after
			}
			return fields, rest
		case blank:
		default:
			r.note("a header line could not be read")
			if len(fields) > 0 {
				fields[len(fields)-1].join(line)
			}
		}
		rest = after
	}
	return fields, nil
}

// lookahead finds the header fields that are still to come. It looks at each line
// once: where it found one, nothing before that is looked at again.
type lookahead struct {
	r    *reader
	left int // bytes that follow the field that was found; the header shrinks towards it
	seen bool
}

// field reports whether a field that mails have stands in rest before the blank line.
func (l *lookahead) field(rest []byte) bool {
	if l.seen && len(rest) > l.left {
		return true
	}
	for end := len(rest) - min(len(rest), maxHeaderBytes); len(rest) > end; {
		line, after := cutLine(rest)
		l.r.steps += len(line)
		if len(line) == 0 {
			return false
		}
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && isMailField(name) {
			l.left, l.seen = len(after), true
			return true
		}
		rest = after
	}
	return false
}

// mailFields are header fields that a mail may be expected to have, beside those
// that begin like mailFieldPrefixes.
var mailFields = map[string]bool{
	"received": true, "return-path": true, "delivered-to": true, "envelope-to": true, "from": true, "sender": true, "reply-to": true,
	"to": true, "cc": true, "bcc": true, "subject": true, "date": true, "message-id": true, "in-reply-to": true, "references": true,
	"mime-version": true, "precedence": true, "importance": true, "priority": true, "sensitivity": true, "organization": true,
	"user-agent": true, "mailing-list": true, "received-spf": true, "authentication-results": true, "auto-submitted": true,
	"dkim-signature": true, "domainkey-signature": true, "errors-to": true, "lines": true, "status": true, "feedback-id": true,
}

var mailFieldPrefixes = []string{"x-", "content-", "list-", "resent-", "arc-", "thread-", "disposition-notification", "apparently-"}

func isMailField(b []byte) bool {
	if len(b) > 80 {
		return false
	}
	name := strings.ToLower(string(bytes.TrimRight(b, " \t")))
	return mailFields[name] || slices.ContainsFunc(mailFieldPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

func (f *field) join(line []byte) {
	f.value = append(append(f.value, ' '), bytes.TrimSpace(line)...)
}

// cutField splits "Name: value". A name is printable ASCII without spaces;
// spaces before the colon are seen in the wild and ignored.
func cutField(line []byte) (name string, value []byte, ok bool) {
	n, v, found := bytes.Cut(line, []byte(":"))
	n = bytes.TrimRight(n, " \t")
	if !found || len(n) == 0 {
		return "", nil, false
	}
	for _, c := range n {
		if c <= ' ' || c > '~' {
			return "", nil, false
		}
	}
	return string(n), bytes.Clone(bytes.TrimSpace(v)), true
}

func isContinuation(line []byte) bool { return line[0] == ' ' || line[0] == '\t' }

func isMboxLine(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(line, []byte(">")), []byte("From "))
}

// cutLine returns the first line without its end, and what follows it.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return b, nil
	}
	return bytes.TrimSuffix(b[:i], []byte("\r")), b[i+1:]
}

func afterBlankLine(b []byte) []byte {
	for len(b) > 0 {
		var line []byte
		if line, b = cutLine(b); len(line) == 0 {
			return b
		}
	}
	return nil
}

// skipLeadingBlankLines removes blank lines, and a byte order mark, in front of a
// mail's header.
func skipLeadingBlankLines(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimLeft(raw, "\r\n")
	line, _ := cutLine(trimmed)
	if _, _, ok := cutField(line); ok {
		return trimmed
	}
	return raw
}

// decoded returns the fields as they are kept: decoded, one line each, valid
// UTF-8, without control characters.
func (r *reader) decoded(fields []field) []conversation.Header {
	if len(fields) > maxHeaders {
		r.headerGap("there are more than 1,000 header lines")
		fields = fields[:maxHeaders]
	}
	hs := make([]conversation.Header, 0, len(fields))
	for _, f := range fields {
		hs = append(hs, conversation.Header{Name: f.name, Value: r.decodeHeader(f.value)})
	}
	return hs
}

// rawFields returns the undecoded values of the fields of the name.
func rawFields(fields []field, name string) []string {
	var values []string
	for _, f := range fields {
		if strings.EqualFold(f.name, name) {
			values = append(values, string(f.value))
		}
	}
	return values
}

// rawField returns the first of them, empty when there is none.
func rawField(fields []field, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.name, name) {
			return string(f.value)
		}
	}
	return ""
}
