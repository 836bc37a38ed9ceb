package mail

import (
	"cmp"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// Envelope is what came with a mail beside its bytes.
type Envelope struct {
	// From is MAIL FROM; empty for the null sender.
	From string
	// Recipients are the accepted RCPT TO.
	Recipients []string
	// Own tells whether an address is one of ours; nil: none is. It is asked
	// about the envelope's sender and the first From only.
	Own func(address string) bool
}

// Parse reads a mail as far as it can be read. It never fails and never panics:
// what it cannot read stays in Raw, and Problem says what that is, in our own
// words. Addresses come out in lower case; text with LF line ends, valid UTF-8
// and no control characters but tab and line feed. The attachments' contents
// may share memory with raw.
//
// A mail without a usable Message-ID gets one made from its bytes, so that a
// sender's second try has the same.
func Parse(raw []byte, env Envelope) (in conversation.Incoming) {
	in = conversation.Incoming{
		EnvelopeFrom:    strings.ToLower(cleanLine(env.From)),
		Recipients:      env.Recipients,
		Raw:             raw,
		MessageIDHeader: madeUpID(raw),
	}
	// Nothing below is known to panic; a sender who finds a way must not be able
	// to keep his mail from being stored.
	defer func() {
		if recover() != nil {
			in.Problem = "the mail could not be read"
		}
	}()

	r := reader{}
	fields, body := r.header(skipLeadingBlankLines(raw))
	in.Headers = r.decoded(fields)
	h := headers(in.Headers)
	rendered := r.walk(fields, body, 1)

	in.Subject = cutRunes(h.first("Subject"), maxSubject)
	if from := r.addresses(rawFields(fields, "From")); len(from) > 0 {
		in.FromName, in.FromAddress = from[0].name, from[0].address
	} else {
		in.FromAddress = in.EnvelopeFrom
		r.note("the sender's address could not be read")
	}
	from := in.FromAddress
	if to := r.addresses(rawFields(fields, "Reply-To")); len(to) == 1 && CheckAddress(to[0].address) == nil && !isOwn(env.Own, to[0].address) {
		// Contact forms and shops write from an address of their own and name the
		// customer here (RFC 5322 3.6.2).
		in.FromAddress = to[0].address
		in.FromName = cmp.Or(to[0].name, in.FromName)
	}
	in.To = addressesOnly(r.addresses(rawFields(fields, "To")))
	in.Cc = addressesOnly(r.addresses(rawFields(fields, "Cc")))
	if id := messageIDs(h.all("Message-ID")); len(id) > 0 {
		in.MessageIDHeader = id[0]
	}
	in.InReplyTo = messageIDs(h.all("In-Reply-To"))
	in.References = messageIDs(append(h.all("References"), r.returned...))
	in.Marks = append(h.all(HeaderLoop), r.marks...)
	in.Text = r.text(rendered)
	in.HTML = r.sanitised()
	in.Attachments = r.attachments
	in.Machine = machine(signs{
		headers:        h,
		from:           from,
		nullSender:     in.EnvelopeFrom == "",
		own:            isOwn(env.Own, from) || isOwn(env.Own, in.EnvelopeFrom),
		deliveryStatus: r.deliveryStatus,
	})
	in.Problem = strings.Join(r.problems, "; ")
	return in
}

func isOwn(own func(string) bool, address string) bool {
	return own != nil && address != "" && own(address)
}

// headers are a mail's header fields, asked by name in any case.
type headers []conversation.Header

func (h headers) all(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

func (h headers) first(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}
