package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime"

	"github.com/emersion/go-message"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// maxFilesBytes is how much of the files a mail carries: what does not fit is
// left out, since most servers take no more than 25 MB of base64.
const maxFilesBytes = 18 << 20

// writeWithFiles writes the text and the files as multipart/mixed. An HTML part
// is left out: mail with files is plain.
func writeWithFiles(b *bytes.Buffer, h message.Header, m delivery.Mail, text string) error {
	// "=_" cannot occur in quoted-printable, nor in base64.
	sum := sha256.Sum256([]byte(m.MessageID))
	h.SetContentType("multipart/mixed", map[string]string{"boundary": "=_" + hex.EncodeToString(sum[:16])})
	w, err := message.CreateWriter(b, h)
	if err != nil {
		return err
	}
	if err := writePart(w, "text/plain", text); err != nil {
		return err
	}
	left := maxFilesBytes
	for _, f := range m.Files {
		if left -= len(f.Content); left < 0 {
			break
		}
		if err := writeFile(w, f); err != nil {
			return err
		}
	}
	return w.Close()
}

// writeFile writes one file. A type that is none, or that would be read as a part
// with parts of its own, is written as bytes.
func writeFile(w *message.Writer, f conversation.Attachment) error {
	var h message.Header
	h.Set("Content-Transfer-Encoding", "base64")
	kind, _, err := mime.ParseMediaType(f.ContentType)
	if err != nil || !singlePart(kind) {
		kind = "application/octet-stream"
	}
	name := cutBytes(cleanLine(f.Name), 255)
	h.SetContentType(kind, nil)
	h.SetContentDisposition("attachment", map[string]string{"filename": name})
	part, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	if _, err := part.Write(f.Content); err != nil {
		return err
	}
	return part.Close()
}

// singlePart tells whether a type stands for bytes as they are.
func singlePart(kind string) bool {
	for _, prefix := range []string{"application/", "audio/", "font/", "image/", "text/", "video/"} {
		if len(kind) > len(prefix) && kind[:len(prefix)] == prefix {
			return true
		}
	}
	return false
}
