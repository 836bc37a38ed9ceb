package mail

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding/charmap"

	"github.com/smarticks/smarticks/conversation"
)

// field is a header field, unfolded but not decoded.
type field struct {
	name  string
	value []byte
}

// header splits a mail or a part into its header fields and its body. No input
// is refused: a line that is neither a field nor a continuation joins the field
// before it, as some filters insert such lines, and an mbox line is skipped.
// When there is no blank line at all, the body begins where the fields end.
func (r *reader) header(raw []byte) (fields []field, body []byte) {
	rest, open := raw, !hasBlankLine(raw)
	for first := true; len(rest) > 0; first = false {
		line, after := cutLine(rest)
		if len(line) == 0 {
			return fields, after
		}
		if len(raw)-len(rest)+len(line) > maxHeaderBytes {
			r.note("the header is longer than 256 KB and was cut")
			return fields, afterBlankLine(rest)
		}
		name, value, ok := cutField(line)
		switch {
		case first && isMboxLine(line):
		case ok:
			fields = append(fields, field{name, value})
		case isContinuation(line) && len(fields) > 0:
			fields[len(fields)-1].join(line)
		case open:
			return fields, rest
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

func hasBlankLine(b []byte) bool {
	return bytes.Contains(b, []byte("\n\n")) || bytes.Contains(b, []byte("\n\r\n")) ||
		bytes.HasPrefix(b, []byte("\n")) || bytes.HasPrefix(b, []byte("\r\n"))
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

// skipLeadingBlankLines removes blank lines in front of a mail's header.
func skipLeadingBlankLines(raw []byte) []byte {
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
		r.note("there are more than 1,000 header lines")
		fields = fields[:maxHeaders]
	}
	hs := make([]conversation.Header, 0, len(fields))
	for _, f := range fields {
		hs = append(hs, conversation.Header{Name: f.name, Value: decodeHeader(f.value)})
	}
	return hs
}

// decodeHeader decodes encoded words. Controls are removed afterwards, since an
// encoded word may hold a line break. Bytes that are not UTF-8 are taken for
// Windows-1252, which is what old mail programs put there.
func decodeHeader(value []byte) string {
	s := rawText(value)
	if strings.Contains(s, "=?") {
		dec := mime.WordDecoder{CharsetReader: charset.Reader}
		if decoded, err := dec.DecodeHeader(s); err == nil {
			s = decoded
		}
	}
	return cleanLine(s)
}

// rawText makes text of bytes whose charset is not declared.
func rawText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return string(b)
	}
	return string(s)
}

// rawFields returns the undecoded values of the fields of the name.
func rawFields(fields []field, name string) []string {
	var values []string
	for _, f := range fields {
		if strings.EqualFold(f.name, name) {
			values = append(values, rawText(f.value))
		}
	}
	return values
}

// rawField returns the first of them, empty when there is none.
func rawField(fields []field, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.name, name) {
			return rawText(f.value)
		}
	}
	return ""
}
