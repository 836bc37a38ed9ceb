package mail

import (
	"strings"
)

// part is a mail, or a part of one, with what its header says about its content.
type part struct {
	fields      []field
	body        []byte // as it stands in the mail
	kind        string // Content-Type
	params      map[string]string
	disposition string // inline, attachment; empty when there is none
	name        string // of the file, empty when there is none
	contentID   string // without brackets
	encoding    string
	parent      string // the kind of the part that holds it; empty for the mail itself
	first       bool   // of the parts of its parent
}

// part reads what a header says about the content below it.
func (r *reader) part(fields []field, body []byte, parent string) part {
	p := part{fields: fields, body: body, parent: parent, encoding: rawField(fields, "Content-Transfer-Encoding")}
	contentType := rawField(fields, "Content-Type")
	if p.kind, p.params = mediaType(contentType); parent == "multipart/digest" && strings.TrimSpace(contentType) == "" {
		p.kind = "message/rfc822" // RFC 2046 5.1.5
	}
	var dparams map[string]string
	p.disposition, dparams = mediaTypeOr(rawField(fields, "Content-Disposition"), "")
	p.name = r.decodeHeader([]byte(firstOf(dparams["filename"], p.params["name"])))
	p.contentID = cleanLine(cutBytes(strings.Trim(rawField(fields, "Content-ID"), "<> \t"), maxIDBytes))
	return p
}

// isText reports whether the part is text that is shown and no file: without a name, or
// with one where the place says that it is the text.
func (p part) isText() bool {
	if p.disposition == "attachment" || !p.isReadable() {
		return false
	}
	return p.name == "" || p.parent == "" || p.parent == "multipart/alternative" || p.parent == "multipart/related" && p.first
}

// isReadable reports whether the part is of a kind that text can be made of.
func (p part) isReadable() bool {
	switch p.kind {
	case "text/plain", "text/html":
		return true
	case "text/enriched", "text/richtext", "text/markdown", "text/x-markdown", "text/unknown":
		return p.name == "" // unknown text is plain text (RFC 2046 4.1.4)
	}
	return false
}

// isPicture reports whether the part may be shown within a text.
func isPicture(kind, name string) bool {
	if strings.HasPrefix(kind, "image/") {
		return true
	}
	ext := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return kind == "application/octet-stream" && strings.Contains(" png jpg jpeg gif bmp webp svg ", " "+ext+" ")
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
