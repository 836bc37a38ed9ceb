package mail

import (
	"strings"

	"golang.org/x/net/html"

	"github.com/smarticks/smarticks/conversation"
)

// attach keeps a part as a file.
func (r *reader) attach(p part) {
	content, ok := r.transfer(p.encoding, p.body)
	if !ok {
		r.note("a part has an unknown transfer encoding")
	}
	name := p.name
	if isUUEncoding(p.encoding) && name == "" {
		name = uuName(p.body)
	}
	r.keep(conversation.Attachment{
		Name:        r.fileName(name, p.kind, content),
		ContentType: p.kind,
		ContentID:   p.contentID,
		Content:     content,
		// Another form of a text, such as AMP's, is no file beside it.
		Inline: p.parent == "multipart/alternative" && strings.HasPrefix(p.kind, "text/") && p.kind != "text/calendar" && p.name == "",
	})
}

func (r *reader) keep(a conversation.Attachment) {
	a.Size = int64(len(a.Content))
	r.attachments = append(r.attachments, a)
}

// fileName makes the name that a file is shown with. A mail without one has that of
// its subject, others without one have the extension of their kind.
func (r *reader) fileName(name, kind string, content []byte) string {
	n := len(r.attachments) + 1
	switch kind {
	case "message/rfc822", "message/global":
		if strings.TrimSpace(name) == "" {
			inner := reader{}
			fields, _ := inner.header(skipLeadingBlankLines(content))
			subject := inner.decodeHeader([]byte(rawField(fields, "Subject")))
			if name = strings.NewReplacer("/", "-", `\`, "-").Replace(subject); name != "" {
				name += ".eml"
			}
		}
	case "text/calendar", "application/ics":
		if name != "" && !strings.HasSuffix(strings.ToLower(name), ".ics") {
			name += ".ics"
		}
	}
	safe := attachmentName(name, n)
	if safe == attachmentName("", n) || safe == "eml" {
		safe = attachmentName("", n) + extensions[kind]
	}
	return safe
}

// extensions are of the kinds of files that mails hold without a name.
var extensions = map[string]string{
	"application/gzip": ".gz", "application/ics": ".ics", "application/json": ".json", "application/msword": ".doc",
	"application/ms-tnef": ".dat", "application/vnd.ms-tnef": ".dat", "application/pdf": ".pdf", "application/pgp-signature": ".asc",
	"application/pgp-encrypted": ".asc", "application/pgp-keys": ".asc", "application/pkcs7-mime": ".p7m", "application/x-pkcs7-mime": ".p7m",
	"application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s", "application/rtf": ".rtf",
	"application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt", "application/vnd.oasis.opendocument.text": ".odt",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/xml": ".xml", "application/zip": ".zip", "application/x-zip-compressed": ".zip",
	"audio/amr": ".amr", "audio/mp4": ".m4a", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/wav": ".wav", "audio/x-wav": ".wav",
	"image/bmp": ".bmp", "image/gif": ".gif", "image/heic": ".heic", "image/jpeg": ".jpg", "image/jpg": ".jpg", "image/pjpeg": ".jpg",
	"image/png": ".png", "image/x-png": ".png", "image/svg+xml": ".svg", "image/tiff": ".tif", "image/webp": ".webp",
	"message/delivery-status": ".txt", "message/disposition-notification": ".txt", "message/feedback-report": ".txt",
	"message/global": ".eml", "message/rfc822": ".eml", "message/partial": ".eml",
	"text/calendar": ".ics", "text/csv": ".csv", "text/directory": ".vcf", "text/html": ".html", "text/plain": ".txt", "text/rtf": ".rtf",
	"text/rfc822-headers": ".txt", "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/xml": ".xml",
	"video/3gpp": ".3gp", "video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm",
}

// markInline marks the pictures that the HTML shows. What nothing refers to is a
// file, whatever its disposition says.
func (r *reader) markInline() {
	var shown map[string]bool
	for i := range r.attachments {
		a := &r.attachments[i]
		if a.ContentID == "" || !isPicture(a.ContentType, a.Name) {
			continue
		}
		if shown == nil {
			shown = r.shownIDs(r.html.String())
		}
		a.Inline = a.Inline || shown[strings.ToLower(a.ContentID)]
	}
}

// maxShownIDs is how many references to pictures are looked at.
const maxShownIDs = 10_000

// shownIDs are the Content-IDs that HTML shows: in attributes other than a link's
// address, and in styles.
func (r *reader) shownIDs(s string) map[string]bool {
	ids := map[string]bool{}
	r.steps += len(s)
	z := html.NewTokenizer(strings.NewReader(s))
	style := false
	for len(ids) < maxShownIDs {
		switch z.Next() {
		case html.ErrorToken:
			return ids
		case html.TextToken:
			if style {
				addIDs(ids, string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			style = string(name) == "style"
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				if string(key) != "href" {
					addIDs(ids, string(value))
				}
			}
		case html.EndTagToken:
			style = false
		}
	}
	return ids
}

// addIDs adds what stands after each cid: of a text.
func addIDs(ids map[string]bool, s string) {
	for len(ids) < maxShownIDs {
		at := indexCID(s)
		if at < 0 {
			return
		}
		s = s[at+len("cid:"):]
		end := strings.IndexAny(s, "\"' )>;\t\r\n")
		if end < 0 {
			end = len(s)
		}
		if end <= maxIDBytes*3 {
			ids[strings.ToLower(strings.Trim(string(percentDecoded(s[:end])), "<>"))] = true
		}
		s = s[end:]
	}
}

// indexCID finds "cid:" in any case.
func indexCID(s string) int {
	for i := 0; ; {
		colon := strings.IndexByte(s[i:], ':')
		if colon < 0 {
			return -1
		}
		if i += colon; i >= 3 && strings.EqualFold(s[i-3:i], "cid") {
			return i - 3
		}
		i++
	}
}
