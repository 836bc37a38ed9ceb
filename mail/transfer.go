package mail

import (
	"strings"
)

// transfer undoes a Content-Transfer-Encoding. The decoders skip what does not
// belong, since stopping there would lose the rest of the mail. ok is false when
// the encoding is unknown; the bytes are then as they were. They may share memory
// with body.
func (r *reader) transfer(encoding string, body []byte) (content []byte, ok bool) {
	name, _, _ := strings.Cut(strings.ToLower(encoding), ";")
	name, _, _ = strings.Cut(name, "(")
	r.steps += len(body)
	switch name = strings.Trim(name, " \t\"'"); name {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "none":
		return body, true
	case "base64", "base-64":
		return decodeBase64(body), true
	case "quoted-printable", "quotedprintable":
		return decodeQuotedPrintable(body), true
	}
	if isUUEncoding(name) {
		if content, ok := decodeUU(body); ok {
			return content, true
		}
	}
	return body, false
}

// decodeBase64 decodes what is base64 in b. Padding ends a group, so blocks
// that were encoded one by one and joined come out whole.
func decodeBase64(b []byte) []byte {
	out := make([]byte, 0, len(b)/4*3+3)
	var group uint32
	n := 0
	for _, c := range b {
		v := base64Values[c]
		if v == noBase64 {
			if c == '=' {
				out, group, n = appendGroup(out, group, n), 0, 0
			}
			continue
		}
		group |= uint32(v) << (18 - 6*n)
		if n++; n == 4 {
			out = append(out, byte(group>>16), byte(group>>8), byte(group))
			group, n = 0, 0
		}
	}
	return appendGroup(out, group, n)
}

// appendGroup appends the bytes of a group of n characters.
func appendGroup(out []byte, group uint32, n int) []byte {
	for i := 1; i < n; i++ {
		out = append(out, byte(group>>(24-8*i)))
	}
	return out
}

const noBase64 = 0xff

// base64Values are what the characters stand for, also those of URLs.
var base64Values = newBase64Values()

func newBase64Values() (values [256]byte) {
	for i := range values {
		values[i] = noBase64
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		values[c] = byte(i)
	}
	values['-'], values['_'] = 62, 63
	return values
}

// decodeQuotedPrintable decodes b; an equals sign that begins nothing stays.
func decodeQuotedPrintable(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '=' {
			out = append(out, b[i])
			continue
		}
		if i+2 < len(b) && isHex(b[i+1]) && isHex(b[i+2]) {
			out = append(out, unhex(b[i+1])<<4|unhex(b[i+2]))
			i += 2
			continue
		}
		end := i + 1 // of a soft line break: white space and a line end, or the mail's end
		for end < len(b) && (b[end] == ' ' || b[end] == '\t') {
			end++
		}
		switch {
		case end == len(b):
			return out
		case b[end] == '\n':
			i = end
		case b[end] == '\r' && end+1 < len(b) && b[end+1] == '\n':
			i = end + 1
		default:
			out = append(out, '=')
		}
	}
	return out
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	default:
		return c - 'a' + 10
	}
}

// toUTF8 decodes text. Undeclared bytes that are not UTF-8 are taken for
// Windows-1252; those of an unknown charset are kept as far as they are UTF-8.
func (r *reader) toUTF8(cs string, b []byte) string {
	r.steps += len(b)
	s, problem := decodeCharset(cs, b)
	if problem != "" {
		r.textGap(problem)
	}
	return s
}
