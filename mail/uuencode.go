package mail

import (
	"bytes"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// isUUEncoding reports whether a transfer encoding is uuencode, by any of its names.
func isUUEncoding(encoding string) bool {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "x-uuencode", "uuencode", "x-uue", "uue", "x-uu":
		return true
	}
	return false
}

// uuName returns the name in the line that begins a uuencoded file.
func uuName(b []byte) string {
	for len(b) > 0 {
		var line []byte
		if line, b = cutLine(b); len(bytes.TrimSpace(line)) > 0 {
			name, _ := cutBegin(line)
			return name
		}
	}
	return ""
}

// cutBegin reads "begin 644 name".
func cutBegin(line []byte) (name string, ok bool) {
	mode, found := bytes.CutPrefix(line, []byte("begin "))
	if !found {
		return "", false
	}
	mode, rest, found := bytes.Cut(mode, []byte(" "))
	if !found || len(mode) < 3 || len(mode) > 5 || len(bytes.Trim(mode, "01234567")) > 0 {
		return "", false
	}
	return cleanLine(rawText(bytes.Trim(rest, `" `))), true
}

// decodeUU decodes what stands between the begin and the end line; both may be missing.
// ok is false when no line is of uuencode.
func decodeUU(b []byte) (out []byte, ok bool) {
	out = make([]byte, 0, len(b)/4*3)
	for len(b) > 0 {
		var line []byte
		line, b = cutLine(b)
		if _, begins := cutBegin(line); begins {
			ok = true
			continue
		}
		if string(bytes.TrimSpace(line)) == "end" {
			break
		}
		if n := uuLength(line); n > 0 {
			out = appendUU(out, line[1:], n)
			ok = true
		}
	}
	return out, ok
}

// uuLength is how many bytes a line stands for; -1 when it is no line of uuencode.
// Spaces at its end may have been cut off on the way.
func uuLength(line []byte) int {
	if len(line) == 0 || line[0] < ' ' || line[0] > '`' {
		return -1
	}
	n := int(line[0]-' ') & 63
	if full := (n + 2) / 3 * 4; len(line)-1 > full+2 {
		return -1
	}
	return n
}

func appendUU(out, line []byte, n int) []byte {
	value := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 63
		}
		return 0
	}
	for i := 0; n > 0; i += 4 {
		a, b, c, d := value(i), value(i+1), value(i+2), value(i+3)
		group := [3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}
		out = append(out, group[:min(n, 3)]...)
		n -= 3
	}
	return out
}

// cutUUFiles takes the uuencoded files out of a text, as programs before MIME wrote
// them. What is not closed, or has another line within, is text.
func (r *reader) cutUUFiles(text []byte) []byte {
	if !bytes.Contains(text, []byte("begin ")) {
		return text
	}
	r.steps += len(text)
	var kept []byte
	from := 0 // of the text that is not kept yet
	for pos := 0; pos < len(text) && r.parts < maxParts; {
		line, rest := cutLine(text[pos:])
		next := len(text) - len(rest)
		name, ok := cutBegin(line)
		if !ok {
			pos = next
			continue
		}
		end, closed := uuEnd(text, next)
		if !closed {
			pos = end
			continue
		}
		r.parts++
		content, _ := decodeUU(text[pos:end])
		r.keep(conversation.Attachment{
			Name:        attachmentName(name, len(r.attachments)+1),
			ContentType: "application/octet-stream",
			Content:     content,
		})
		kept = appendText(kept, text[from:pos])
		from, pos = end, end
	}
	if from == 0 {
		return text
	}
	return appendText(kept, text[from:])
}

// appendText appends no more than shows that the text is too long.
func appendText(kept, text []byte) []byte {
	return append(kept, text[:min(len(text), max(0, 4*maxTextBytes+1-len(kept)))]...)
}

// uuEnd finds the end of a uuencoded file whose first line begins at pos; end is where
// the looking stopped if it is not closed.
func uuEnd(text []byte, pos int) (end int, closed bool) {
	for pos < len(text) {
		line, rest := cutLine(text[pos:])
		if string(bytes.TrimSpace(line)) == "end" {
			return len(text) - len(rest), true
		}
		if uuLength(line) < 0 && len(bytes.TrimSpace(line)) > 0 {
			return pos, false
		}
		pos = len(text) - len(rest)
	}
	return pos, false
}
