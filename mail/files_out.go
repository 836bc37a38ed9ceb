package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"strings"

	"github.com/emersion/go-message"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// maxFilesBytes is how much of the files a mail carries: what does not fit is
// left out and named in the text, since most servers take no more than 25 MB of base64.
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
	files, left := fitting(m.Files)
	if err := writePart(w, "text/plain", text+leftOut(left)); err != nil {
		return err
	}
	for _, f := range files {
		if err := writeFile(w, f); err != nil {
			return err
		}
	}
	return w.Close()
}

// fitting returns the files that fit into a mail, in their order, and the others.
func fitting(all []conversation.Attachment) (files, left []conversation.Attachment) {
	room := maxFilesBytes
	for _, f := range all {
		if len(f.Content) > room {
			left = append(left, f)
			continue
		}
		room -= len(f.Content)
		files = append(files, f)
	}
	return files, left
}

// leftOut says below the text which files the mail could not take along.
func leftOut(files []conversation.Attachment) string {
	if len(files) == 0 {
		return ""
	}
	const most = 20
	var b strings.Builder
	b.WriteString("\n\nNot attached, too large for this mail:\n")
	for i, f := range files {
		if i == most {
			fmt.Fprintf(&b, "and %d more\n", len(files)-most)
			break
		}
		fmt.Fprintf(&b, "%s (%.1f MB)\n", cutBytes(cleanLine(f.Name), maxNameBytes), float64(len(f.Content))/(1<<20))
	}
	return b.String()
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
	h.SetContentType(kind, nil)
	setFolded(&h, "Content-Disposition", "attachment; "+fileParam(cutBytes(cleanLine(f.Name), 255)))
	part, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	if _, err := part.Write(f.Content); err != nil {
		return err
	}
	return part.Close()
}

// singlePart reports whether a type stands for bytes as they are.
func singlePart(kind string) bool {
	for _, prefix := range []string{"application/", "audio/", "font/", "image/", "text/", "video/"} {
		if len(kind) > len(prefix) && kind[:len(prefix)] == prefix {
			return true
		}
	}
	return false
}
