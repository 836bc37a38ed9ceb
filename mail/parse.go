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
	// Own reports whether an address is one of ours; nil: none is. It is asked about
	// the envelope's sender, the first From, and a few of Reply-To and of the list
	// that the mail came by.
	Own func(address string) bool
	// AuthservIDs are the servers whose Authentication-Results count (RFC 8601), in
	// any case. Empty: none is trusted, and From counts as it is.
	AuthservIDs []string
}

// Parse reads a mail as far as it can be read. It never fails and never panics:
// what it cannot read stays in Raw, and Problem says what that is, in our own
// words. Addresses come out in lower case; text with LF line ends, valid UTF-8
// and no control characters but tab and line feed. The attachments' contents
// may share memory with raw.
//
// A mail without a usable Message-ID gets one made from its bytes, so that a
// sender's second try has the same.
func Parse(raw []byte, env Envelope) conversation.Incoming {
	return new(reader).parse(raw, env)
}

// unreadable is the problem of a mail that made the parser fail.
const unreadable = "the mail could not be read"

func (r *reader) parse(raw []byte, env Envelope) (in conversation.Incoming) {
	in = conversation.Incoming{
		EnvelopeFrom:    strings.ToLower(cleanLine(env.From)),
		Recipients:      env.Recipients,
		Raw:             raw,
		MessageIDHeader: madeUpID(raw),
	}
	// Nothing below is known to panic; a sender who finds a way must not be able
	// to keep their mail from being stored.
	defer func() {
		if recover() != nil {
			in.Problem = unreadable
			in.Gaps = conversation.Gaps{Text: unreadable, Headers: unreadable, Files: unreadable}
		}
	}()

	r.mayScan = maxScans * max(len(raw), 16<<20)
	fields, body := r.header(skipLeadingBlankLines(raw))
	_, params := mediaType(rawField(fields, "Content-Type"))
	r.charset = params["charset"]
	in.Headers = r.decoded(fields)
	h := headers(in.Headers)
	rendered := r.onlyText(r.walk(r.part(fields, body, ""), 1))
	r.markInline()

	in.Subject = r.subject(h.first("Subject"))
	in.To = addressesOnly(r.addresses(rawFields(fields, "To")))
	in.Cc = addressesOnly(r.addresses(rawFields(fields, "Cc")))
	who := r.senders(fields, h, env, in.EnvelopeFrom, in.To)
	in.FromName, in.FromAddress = who.person.name, who.person.address
	in.Sender = who.facts(in.EnvelopeFrom, len(env.AuthservIDs) > 0, authentication(fields, env.AuthservIDs, who.from.address))
	if id := messageIDs(h.all("Message-ID")); len(id) > 0 {
		in.MessageIDHeader = id[0]
	}
	in.InReplyTo = messageIDs(h.all("In-Reply-To"))
	in.References = messageIDs(h.all("References"))
	in.Marks = append(h.all(HeaderLoop), r.about.marks...)
	in.Text = r.text(rendered)
	in.HTML = r.sanitised()
	in.Attachments = r.attachments
	r.mark(&in, h, who, env)
	in.Quotes = r.quotes(in, quotedSpans(rendered))
	in.Gaps = r.gaps
	in.Problem = strings.Join(r.problems, "; ")
	return in
}

// mark says whether a machine wrote the mail, and what a report reports.
func (r *reader) mark(in *conversation.Incoming, h headers, who senders, env Envelope) {
	copied, says := copiedIDs(in.Text)
	s := signs{
		headers:        h,
		subject:        in.Subject,
		from:           cmp.Or(who.from.address, in.EnvelopeFrom),
		person:         in.FromAddress,
		nullSender:     in.EnvelopeFrom == "",
		own:            who.own,
		form:           who.behind && !aligned(keyDomain(in.FromAddress), keyDomain(who.from.address)) || who.behind && who.fromOwn,
		ourList:        who.list.ours(env.Own),
		deliveryStatus: r.about.status,
		receipt:        r.about.receipt,
		calendarReply:  r.calendarReply && wordless(in.Subject, in.Text),
		returned:       len(r.about.ids)+len(copied) > 0,
	}
	in.Machine = machine(s)
	in.MachineAsAnswer = machineAsAnswer(s, in.Machine)
	switch {
	case in.Machine == conversation.MachineBounce:
		in.Bounce = r.bounce(*in, h, copied, says)
		in.References = messageIDs(bracketedAll(append(in.References, in.Bounce.MessageIDs...)))
	case s.receipt:
		in.References = messageIDs(bracketedAll(append(in.References, r.about.original...)))
	}
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
