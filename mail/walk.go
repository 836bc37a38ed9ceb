package mail

import (
	"bytes"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// walk visits a part and those within it, and returns their texts in order.
//
// Multiparts are split on the bytes of the part that holds them, so an inner
// part that is never closed ends where its parent ends, and the work is bounded
// by depth times length whatever the nesting.
func (r *reader) walk(fields []field, body []byte, depth int) []piece {
	if r.parts++; r.parts > maxParts {
		r.note("there are more than 1,000 parts; the others are in the raw mail only")
		return nil
	}
	if depth > maxDepth {
		r.note("parts are nested deeper than 50; those below are in the raw mail only")
		return nil
	}
	kind, params := mediaType(rawField(fields, "Content-Type"))
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		return r.multipart(kind, params["boundary"], body, depth)
	}
	if strings.HasPrefix(kind, "multipart/") {
		r.note("a multipart has no boundary")
		kind = "text/plain"
	}
	r.report(kind, body)

	disposition, dparams := mediaTypeOr(rawField(fields, "Content-Disposition"), "")
	name := r.decodeHeader([]byte(firstOf(dparams["filename"], params["name"])))
	encoding := rawField(fields, "Content-Transfer-Encoding")
	if (kind == "text/plain" || kind == "text/html") && disposition != "attachment" && name == "" {
		return r.inline(kind, params["charset"], encoding, body)
	}
	content := r.transfer(encoding, body)
	r.attachments = append(r.attachments, conversation.Attachment{
		Name:        attachmentName(name, len(r.attachments)+1),
		ContentType: kind,
		Size:        int64(len(content)),
		Content:     content,
	})
	return nil
}

// multipart visits the parts of a multipart. Of alternatives, those in plain
// text are the text, if they say anything.
func (r *reader) multipart(kind, boundary string, body []byte, depth int) []piece {
	parts, closed := splitMultipart(body, boundary, maxParts-r.parts+1)
	if !closed {
		r.note("a part is not closed")
	}
	var pieces []piece
	for _, part := range parts {
		fields, content := r.header(part)
		pieces = append(pieces, r.walk(fields, content, depth+1)...)
	}
	if kind == "multipart/alternative" {
		plain := slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool {
			return p.fromHTML || strings.TrimSpace(p.text) == ""
		})
		if len(plain) > 0 {
			return plain
		}
	}
	return pieces
}

// inline reads a part that is shown.
func (r *reader) inline(kind, cs, encoding string, body []byte) []piece {
	// Encoded text may be four times as long as what it says.
	if len(body) > 4*maxTextBytes {
		r.note("the text is longer than 1 MB and was cut")
		body = body[:4*maxTextBytes]
	}
	s := cleanText(r.toUTF8(cs, r.transfer(encoding, body)))
	if cut := cutBytes(s, maxTextBytes); len(cut) < len(s) {
		r.note("the text is longer than 1 MB and was cut")
		s = cut
	}
	if kind == "text/plain" {
		return []piece{{text: s}}
	}
	r.html.WriteString(cutBytes(s, maxTextBytes-min(maxTextBytes, r.html.Len())))
	return []piece{{text: textOfHTML(s), fromHTML: true}}
}

// report looks for the signs of a delivery report and for the mail it is about,
// so that a bounce finds its conversation.
func (r *reader) report(kind string, body []byte) {
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		r.deliveryStatus = true
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
		if r.deliveryStatus && len(r.returned) == 0 {
			fields, _ := (&reader{}).header(body)
			if id := rawField(fields, "Message-ID"); id != "" {
				r.returned = append(r.returned, cleanLine(id))
			}
			if loop := rawField(fields, HeaderLoop); loop != "" {
				r.marks = append(r.marks, cleanLine(loop))
			}
		}
	}
}

// splitMultipart cuts a body at its boundary lines into at most limit parts.
// closed tells whether the closing line was there.
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

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
