package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// decodeHeader makes text of a header field's value: encoded words are decoded
// (RFC 2047), also where they break its rules, the result is one line. Controls go
// at the end, since an encoded word may hold a line break.
func (r *reader) decodeHeader(value []byte) string {
	r.steps += len(value)
	s, ok := decodeWords(value, r.charset, &r.steps)
	if !ok {
		r.gap(&r.gaps.Headers, "some characters of the header could not be read")
	}
	return cleanLine(s)
}

// decodeWords decodes the encoded words of a value. Bytes of adjacent words of one
// charset are joined before they are decoded, since characters are split over words.
// What stands raw between them is UTF-8 or in the charset of the mail's text. ok
// reports whether every charset was known and fitted; steps counts what is looked at
// beyond the value's length.
func decodeWords(value []byte, charset string, steps *int) (s string, ok bool) {
	d := wordDecoder{charset: charset, ok: true, steps: steps}
	for rest := value; len(rest) > 0; {
		at := bytes.Index(rest, []byte("=?"))
		if at < 0 {
			d.raw(rest)
			break
		}
		w, length := d.cutWord(rest[at:])
		if length == 0 {
			d.raw(rest[:at+2])
			rest = rest[at+2:]
			continue
		}
		if before := rest[:at]; !d.afterWord || len(bytes.TrimSpace(before)) > 0 {
			d.raw(before)
		}
		d.word(w)
		rest = rest[at+length:]
	}
	d.flush()
	return d.out.String(), d.ok
}

// word is an encoded word, its bytes decoded but not their charset.
type word struct {
	charset string
	bytes   []byte
}

type wordDecoder struct {
	steps     *int
	charset   string // of what is no encoded word, if it is not UTF-8
	out       strings.Builder
	ok        bool
	pending   word // of adjacent words
	afterWord bool
	plain     []byte // what is no encoded word since the last one
	endless   bool   // no further word is closed: looking for that once is enough
}

func (d *wordDecoder) raw(b []byte) {
	if len(b) > 0 {
		d.flushWords()
		d.plain = append(d.plain, b...)
	}
}

func (d *wordDecoder) word(w word) {
	d.flushPlain()
	if d.afterWord && !strings.EqualFold(w.charset, d.pending.charset) {
		d.flushWords()
	}
	d.pending.charset = w.charset
	d.pending.bytes = append(d.pending.bytes, w.bytes...)
	d.afterWord = true
}

func (d *wordDecoder) flush() {
	d.flushWords()
	d.flushPlain()
}

func (d *wordDecoder) flushPlain() {
	if len(d.plain) > 0 {
		s := rawTextIn(d.charset, d.plain)
		d.ok = d.ok && (utf8.Valid(d.plain) || !strings.Contains(s, "\uFFFD"))
		d.out.WriteString(s)
		d.plain = d.plain[:0]
	}
}

func (d *wordDecoder) flushWords() {
	if d.afterWord {
		s, problem := decodeCharset(d.pending.charset, d.pending.bytes)
		d.out.WriteString(s)
		d.ok = d.ok && problem == ""
		d.pending.bytes, d.afterWord = d.pending.bytes[:0], false
	}
}

// maxCharsetName is longer than any charset's name.
const maxCharsetName = 64

// cutWord reads the encoded word that b begins with: =?charset?B or Q?text?=. One
// that is not closed ends at the next space. length is 0 when it is none.
func (d *wordDecoder) cutWord(b []byte) (w word, length int) {
	head := b[2:min(len(b), 2+maxCharsetName+3)]
	q := bytes.IndexByte(head, '?')
	if q < 0 || len(head) < q+3 || head[q+2] != '?' || bytes.ContainsAny(head[:q], " \t\r\n=<>\"") {
		return word{}, 0
	}
	begin := 2 + q + 3
	end := -1
	if !d.endless {
		end = bytes.Index(b[begin:], []byte("?="))
		if d.endless = end < 0; d.endless {
			*d.steps += len(b)
		}
	}
	length = begin + end + 2
	if end < 0 {
		if end = bytes.IndexAny(b[begin:], " \t"); end < 0 {
			end = len(b) - begin
		}
		length = begin + end
	}
	text := bytes.TrimSuffix(b[begin:begin+end], []byte("?"))
	w.charset = string(head[:q])
	switch head[q+1] {
	case 'B', 'b':
		w.bytes = decodeBase64(text)
	case 'Q', 'q':
		w.bytes = decodeQ(text)
	default:
		return word{}, 0
	}
	return w, length
}

// decodeQ decodes the Q encoding; raw bytes, and an equals sign that begins
// nothing, stay.
func decodeQ(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '_':
			out = append(out, ' ')
		case b[i] == '=' && i+2 < len(b) && isHex(b[i+1]) && isHex(b[i+2]):
			out = append(out, unhex(b[i+1])<<4|unhex(b[i+2]))
			i += 2
		default:
			out = append(out, b[i])
		}
	}
	return out
}
