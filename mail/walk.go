package mail

import (
	"bytes"
	"strings"
)

// walk visits a part and those within it, and returns their texts in order.
//
// Multiparts are split on the bytes of the part that holds them, so an inner
// part that is never closed ends where its parent ends, and the work is bounded
// by depth times length whatever the nesting, of long mails by maxScans.
func (r *reader) walk(p part, depth int) []piece {
	if r.parts++; r.parts > maxParts {
		r.partsGap("there are more than 1,000 parts; the others are in the raw mail only")
		return nil
	}
	if depth > maxDepth {
		r.partsGap("parts are nested deeper than 50; those below are in the raw mail only")
		return nil
	}
	if strings.HasPrefix(p.kind, "multipart/") {
		if pieces, ok := r.multipart(p, depth); ok {
			return pieces
		}
		p.kind = "text/plain"
	}
	r.report(p.kind, p.encoding, p.body)
	if p.kind == "text/calendar" {
		r.calendar(p.params["method"], p.encoding, p.body)
	}
	r.leaves++
	switch {
	case p.isText():
		r.texts++
		return r.inline(p)
	case p.isReadable() && (p.disposition != "attachment" || p.parent == ""):
		r.named = append(r.named, namedText{p, len(r.attachments), r.leaves})
	case p.isPKCS7():
		return r.unpack(p, depth)
	case p.kind == "message/partial":
		r.partsGap("the mail is one piece of a longer one")
	case p.kind == "message/external-body":
		r.partsGap("a part is kept elsewhere")
	case p.kind == "application/pgp-encrypted":
		r.partsGap("the mail is encrypted")
	case p.isTNEF():
		r.partsGap("a part is in Outlook's own format (winmail.dat), which is not read")
	}
	r.attach(p)
	return nil
}

// isTNEF reports whether a part is a container of Outlook.
func (p part) isTNEF() bool {
	return p.kind == "application/ms-tnef" || p.kind == "application/vnd.ms-tnef" || strings.EqualFold(p.name, "winmail.dat")
}

// multipart visits the parts of a multipart. Of alternatives, those in plain text are
// the text, if they say anything. ok is false when it has no parts at all.
func (r *reader) multipart(p part, depth int) (pieces []piece, ok bool) {
	if p.params["boundary"] == "" {
		r.note("a multipart has no boundary")
		return nil, false
	}
	r.steps += len(p.body)
	if r.scanned += len(p.body); r.scanned > r.mayScan {
		r.partsGap("parts are nested deeper than so long a mail may have them; those below are in the raw mail only")
		return nil, true
	}
	parts, closed := splitMultipart(p.body, p.params["boundary"], maxParts-r.parts+1)
	if !closed {
		r.note("a part is not closed")
	}
	if p.kind == "multipart/encrypted" {
		r.partsGap("the mail is encrypted")
	}
	for i, b := range parts {
		fields, content := r.header(b)
		inner := r.part(fields, content, p.kind)
		inner.first = i == 0
		pieces = append(pieces, r.walk(inner, depth+1)...)
	}
	if p.kind == "multipart/alternative" {
		pieces = r.alternative(pieces)
	}
	return pieces, len(parts) > 0
}

// alternative returns the texts of alternatives that say what the mail says.
func (r *reader) alternative(pieces []piece) []piece {
	var plain, rich []piece
	for _, p := range pieces {
		switch {
		case p.fromHTML:
			rich = append(rich, p)
		case strings.TrimSpace(p.text) != "":
			plain = append(plain, p)
		}
	}
	if len(plain) == 0 {
		return pieces
	}
	if len(rich) > 0 {
		if a, b := joinPieces(plain), joinPieces(rich); len(a) <= 4*maxStub && isStub(a, b) {
			r.steps += 2 * len(b)
			return rich
		}
	}
	return plain
}

// splitMultipart cuts a body at its boundary lines into at most limit parts.
// closed reports whether the closing line was there.
func splitMultipart(body []byte, boundary string, limit int) (parts [][]byte, closed bool) {
	delimiter := []byte("--" + boundary)
	start := -1 // of the part that is open
	for pos := 0; len(parts) < limit; {
		i := bytes.Index(body[pos:], delimiter)
		if i < 0 {
			break
		}
		at := pos + i
		pos = at + len(delimiter)
		if at > 0 && body[at-1] != '\n' {
			continue
		}
		line, rest := cutLine(body[pos:])
		last := bytes.HasPrefix(line, []byte("--"))
		if len(bytes.Trim(bytes.TrimPrefix(line, []byte("--")), " \t")) > 0 {
			continue // a longer boundary that begins like ours
		}
		if start >= 0 {
			parts = append(parts, trimLineEnd(body[start:at]))
		}
		if last {
			return parts, true
		}
		pos = len(body) - len(rest)
		start = pos
	}
	if start >= 0 && len(parts) < limit {
		parts = append(parts, body[start:])
	}
	return parts, len(parts) >= limit
}

// trimLineEnd removes the line end that belongs to the boundary line after it.
func trimLineEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}
