package mail

import (
	"bytes"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// piece is the text of one part, in the order of the mail.
type piece struct {
	text     string
	fromHTML bool
	quotes   []conversation.Span // blockquotes of the HTML
}

// namedText is a part that is text and has a file's name.
type namedText struct {
	part part
	file int // which of the attachments it is
	leaf int // how many parts without parts there were up to it
}

// joinPieces joins what the pieces say.
func joinPieces(pieces []piece) string {
	var texts []string
	for _, p := range pieces {
		if t := strings.Trim(p.text, "\n"); strings.TrimSpace(t) != "" {
			texts = append(texts, t)
		}
	}
	return strings.Join(texts, "\n\n")
}

// text joins the pieces and keeps what the limit allows.
func (r *reader) text(pieces []piece) string {
	text := joinPieces(pieces)
	if cut := cutBytes(text, maxTextBytes); len(cut) < len(text) {
		r.textGap("the text is longer than 1 MB and was cut")
		return cut
	}
	if r.gaps.Text != "" && strings.TrimSpace(text) == "" {
		r.note("there is no readable text")
	}
	return text
}

// onlyText takes the one text of a mail for its body although it has a file's name.
// It stays a file too where the mail says that it is one.
func (r *reader) onlyText(pieces []piece) []piece {
	if r.texts > 0 || len(r.named) == 0 || len(r.named) > 1 && r.named[0].leaf > 1 {
		return pieces
	}
	n := r.named[0]
	if n.part.disposition != "attachment" {
		r.attachments = slices.Delete(r.attachments, n.file, n.file+1)
	}
	return append(pieces, r.inline(n.part)...)
}

// maxPiecesBytes is how much text of parts is read, of alternatives too; what the mail
// says is cut later.
const maxPiecesBytes = 4 * maxTextBytes

// inline reads a part that is shown.
func (r *reader) inline(p part) []piece {
	if r.textBytes >= maxPiecesBytes {
		r.textGap("the text is longer than 1 MB and was cut")
		return nil
	}
	// Encoded text may be four times as long as what it says.
	if len(p.body) > 4*maxTextBytes && !bytes.Contains(p.body, []byte("\nbegin ")) {
		r.textGap("the text is longer than 1 MB and was cut")
		p.body = p.body[:4*maxTextBytes]
	}
	content, ok := r.transfer(p.encoding, p.body)
	if !ok {
		r.textGap("a part has an unknown transfer encoding")
	}
	if p.kind != "text/html" {
		content = r.cutUUFiles(content)
	}
	if len(content) > 4*maxTextBytes {
		r.textGap("the text is longer than 1 MB and was cut")
		content = content[:4*maxTextBytes]
	}
	s := cleanText(r.toUTF8(p.params["charset"], content))
	if cut := cutBytes(s, maxTextBytes); len(cut) < len(s) {
		r.textGap("the text is longer than 1 MB and was cut")
		s = cut
	}
	r.steps += len(s)
	if p.kind != "text/html" {
		if strings.Contains(s, "-----BEGIN PGP MESSAGE-----") {
			r.textGap("the text is encrypted")
		}
		r.textBytes += len(s)
		return []piece{{text: s}}
	}
	r.html.WriteString(cutBytes(s, maxTextBytes-min(maxTextBytes, r.html.Len())))
	text, quotes := quotedTextOfHTML(s)
	r.textBytes += len(text)
	return []piece{{text: text, fromHTML: true, quotes: quotes}}
}
