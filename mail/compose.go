package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/emersion/go-message"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// Compose writes a mail: CRLF line ends, ASCII only, lines of at most 998
// bytes. The same Mail always gives the same bytes. Bcc never appears in them.
//
// Nothing in m can add a header, a recipient or a part: addresses and the
// Message-ID must be valid, other header values lose their control characters,
// bodies are encoded.
//
// Errors: errs.Invalid (an address, the Message-ID, the date or AutoSubmitted
// cannot be used: never try again).
func Compose(m delivery.Mail) ([]byte, error) {
	if err := check(m); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := write(&b, m); err != nil {
		return nil, errs.Wrap("mail.Compose", errs.Invalid, "the mail cannot be written", err)
	}
	return b.Bytes(), nil
}

// EnvelopeSender returns MAIL FROM of a mail: for automatic mail the sender that the
// installation sets, by default the null sender (RFC 3834), so that nothing ever
// answers it; else the From address.
func EnvelopeSender(m delivery.Mail) string {
	if m.AutoSubmitted != "" {
		return wired(m.AutomaticSender)
	}
	return wired(m.FromAddress)
}

// EnvelopeRecipients returns RCPT TO of a mail: To, Cc and Bcc, each address once, in
// the form that can be sent.
func EnvelopeRecipients(m delivery.Mail) []string {
	var all []string
	seen := map[string]bool{}
	for _, list := range [][]string{m.To, m.Cc, m.Bcc} {
		for _, addr := range list {
			if key := conversation.AddressKey(addr); !seen[key] {
				seen[key] = true
				all = append(all, wired(addr))
			}
		}
	}
	return all
}

func check(m delivery.Mail) error {
	const op = "mail.Compose"
	if CheckAddress(m.FromAddress) != nil {
		return errs.New(op, errs.Invalid, "sender address is invalid")
	}
	recipients := EnvelopeRecipients(m)
	if len(recipients) == 0 {
		return errs.New(op, errs.Invalid, "the mail has no recipient")
	}
	for _, addr := range recipients {
		if err := CheckAddress(addr); err != nil {
			return err
		}
	}
	switch {
	case !validID(m.MessageID) || !isASCII(m.MessageID) || !strings.Contains(m.MessageID, "@"):
		return errs.New(op, errs.Invalid, "message id is invalid")
	case m.Date.IsZero() || m.Date.Year() > 9999:
		return errs.New(op, errs.Invalid, "date is invalid")
	case m.AutoSubmitted != "" && m.AutoSubmitted != "auto-replied" && m.AutoSubmitted != "auto-generated":
		return errs.New(op, errs.Invalid, "auto-submitted is invalid")
	}
	return nil
}

func write(b *bytes.Buffer, m delivery.Mail) error {
	text := m.Text
	if strings.TrimSpace(text) == "" {
		text = textOfHTML(m.HTML)
	}
	h := header(m)
	if len(m.Files) > 0 {
		return writeWithFiles(b, h, m, text)
	}
	if m.HTML == "" {
		h.Set("Content-Transfer-Encoding", "quoted-printable")
		h.SetContentType("text/plain", utf8Params())
		w, err := message.CreateWriter(b, h)
		if err != nil {
			return err
		}
		return writeBody(w, text)
	}
	// "=_" cannot occur in quoted-printable, so no body can hold the boundary.
	sum := sha256.Sum256([]byte(m.MessageID))
	h.SetContentType("multipart/alternative", map[string]string{"boundary": "=_" + hex.EncodeToString(sum[:16])})
	w, err := message.CreateWriter(b, h)
	if err != nil {
		return err
	}
	if err := writePart(w, "text/plain", text); err != nil {
		return err
	}
	if err := writePart(w, "text/html", m.HTML); err != nil {
		return err
	}
	return w.Close()
}

func writePart(w *message.Writer, kind, body string) error {
	var h message.Header
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	h.SetContentType(kind, utf8Params())
	part, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	return writeBody(part, body)
}

func writeBody(w *message.Writer, body string) error {
	body = strings.TrimRight(cleanText(body), "\n") + "\n"
	if _, err := w.Write([]byte(strings.ReplaceAll(body, "\n", "\r\n"))); err != nil {
		return err
	}
	return w.Close()
}

func utf8Params() map[string]string { return map[string]string{"charset": "utf-8"} }

// header builds the fields, the last one first: message.Header prepends.
func header(m delivery.Mail) message.Header {
	var h message.Header
	h.Set("MIME-Version", "1.0")
	if loop := headerText(m.Loop, conversation.MaxMark, len(HeaderLoop)); loop != "" {
		setFolded(&h, HeaderLoop, loop)
	}
	if m.AutoSubmitted != "" {
		h.Set("X-Auto-Response-Suppress", "All")
		h.Set("Auto-Submitted", m.AutoSubmitted)
	}
	if refs := bracketed(m.References); refs != "" {
		setFolded(&h, "References", refs)
	}
	if id := bracketed([]string{m.InReplyTo}); id != "" {
		setFolded(&h, "In-Reply-To", id)
	}
	setFolded(&h, "Message-ID", "<"+m.MessageID+">")
	setFolded(&h, "Subject", subject(m.Subject))
	if len(m.Cc) > 0 {
		setFolded(&h, "Cc", wiredList(m.Cc))
	}
	to := wiredList(m.To)
	if to == "" {
		to = "undisclosed-recipients:;"
	}
	setFolded(&h, "To", to)
	setFolded(&h, "From", formatAddress(m.FromName, wired(m.FromAddress)))
	h.Set("Date", m.Date.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	return h
}

func wiredList(list []string) string {
	out := make([]string, len(list))
	for i, addr := range list {
		out[i] = wired(addr)
	}
	return strings.Join(out, ", ")
}

func subject(s string) string {
	if s = headerText(s, 1000, len("Subject")); s == "" {
		return "(no subject)"
	}
	return s
}

// headerText makes a header value of any text: one line, at most n bytes before
// encoding. name is how long the field's name is.
func headerText(s string, n, name int) string {
	return encodedText(strings.TrimSpace(cutBytes(cleanLine(s), n)), name)
}

func formatAddress(name, addr string) string {
	name = cutBytes(cleanLine(name), 200)
	switch {
	case name == "":
		return addr
	case strings.Contains(name, "=?") || !isASCII(name):
		return encodedText(name, len("From")) + " <" + addr + ">"
	default:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `" <` + addr + ">"
	}
}

// maxReferences bounds References in bytes: relays bound the whole header.
const maxReferences = 900

// bracketed writes ids as a header holds them. They may be a stranger's: one
// that could not stand in a header is left out; of too many the first and
// the newest stay (RFC 5322 3.6.4 leaves that to us).
func bracketed(ids []string) string {
	var out []string
	size := 0
	for _, id := range ids {
		if validID(id) && isASCII(id) {
			out = append(out, "<"+id+">")
			size += len(id) + 3
		}
	}
	for size > maxReferences && len(out) > 2 {
		size -= len(out[1]) + 1
		out[1] = out[0]
		out = out[1:]
	}
	if size > maxReferences && len(out) == 2 {
		out = out[1:]
	}
	return strings.Join(out, " ")
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' })
}
