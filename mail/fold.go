package mail

import (
	"strconv"
	"strings"

	"github.com/emersion/go-message"
)

// How long header lines are, without their end (RFC 5322 2.1.1, RFC 2047 2).
const (
	maxFolded        = 78
	maxFoldedEncoded = 76
)

// setFolded sets a field whose lines are folded at spaces: at 78 bytes, and at 76
// where a line holds an encoded word. A word that is longer has a line of its own.
func setFolded(h *message.Header, name, value string) {
	limit := maxFolded
	if strings.Contains(value, "=?") {
		limit = maxFoldedEncoded
	}
	var b strings.Builder
	b.WriteString(name + ":")
	length, first := b.Len(), true
	for word := range strings.SplitSeq(value, " ") {
		if !first && word != "" && length+1+len(word) > limit {
			b.WriteString("\r\n")
			length = 0
		}
		b.WriteString(" " + word)
		length += 1 + len(word)
		first = false
	}
	b.WriteString("\r\n")
	h.AddRaw([]byte(b.String()))
}

// maxWord is how long a word of a header may be that is written as it is: a longer one
// is encoded, since it could not be folded.
const maxWord = 400

// encodedText makes a header value of any text. What is not ASCII, what looks encoded
// (a template put it in, and the reader is to see it) and what could not be folded
// becomes encoded words, the first of which leaves room for the name of its field.
func encodedText(s string, name int) string {
	long := false
	for word := range strings.SplitSeq(s, " ") {
		long = long || len(word) > maxWord
	}
	if isASCII(s) && !strings.Contains(s, "=?") && !long {
		return s
	}
	const around = len("=?utf-8?q??=")
	var words []string
	var word strings.Builder
	room := maxFoldedEncoded - around - name - 2
	for _, c := range s {
		e := qEncoded(string(c))
		if word.Len()+len(e) > room {
			words = append(words, word.String())
			word.Reset()
			room = maxFoldedEncoded - around - 1
		}
		word.WriteString(e)
	}
	words = append(words, word.String())
	return "=?utf-8?q?" + strings.Join(words, "?= =?utf-8?q?") + "?="
}

// qEncoded writes a character as RFC 2047 4.2 does; only what is safe everywhere
// (5, rule 3) stays.
func qEncoded(c string) string {
	if c == " " {
		return "_"
	}
	if isDotAtomByte(c[0]) && len(c) == 1 {
		return c
	}
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(c) {
		b.WriteString("=" + string(hexDigits[c[i]>>4]) + string(hexDigits[c[i]&15]))
	}
	return b.String()
}

func isDotAtomByte(c byte) bool { return isDomainByte(c) || strings.IndexByte("!*+/.,", c) >= 0 }

// fileParam writes the name of a file as a parameter: as it is where it is plain, else
// as RFC 2231 wants it, in pieces where it is long. Encoded words in quotes are
// forbidden (RFC 2047 5) and not understood by all.
func fileParam(name string) string {
	if isASCII(name) && len(name) <= 60 && !strings.ContainsAny(name, `"\`) && !strings.Contains(name, "=?") {
		return `filename="` + name + `"`
	}
	encoded := percentEncoded(name)
	const piece = 50
	if len(encoded) <= piece {
		return "filename*=utf-8''" + encoded
	}
	var params []string
	for i := 0; encoded != ""; i++ {
		cut := min(piece, len(encoded))
		for cut < len(encoded) && (encoded[cut-1] == '%' || cut > 1 && encoded[cut-2] == '%') {
			cut--
		}
		charset := ""
		if i == 0 {
			charset = "utf-8''"
		}
		params = append(params, "filename*"+strconv.Itoa(i)+"*="+charset+encoded[:cut])
		encoded = encoded[cut:]
	}
	return strings.Join(params, "; ")
}

// percentEncoded encodes all but letters, digits and what RFC 2231 7 calls safe.
func percentEncoded(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; isDomainByte(c) || c == '.' || c == '_' {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + string(hexDigits[c>>4]) + string(hexDigits[c&15]))
		}
	}
	return b.String()
}
