package conversation

import (
	"slices"
	"strings"
)

// Sender is what a mail says of who sent it. The four facts are kept apart: only
// Authentication was checked by anybody.
type Sender struct {
	// Name and Address are From's, the address as it was written.
	Name    string
	Address string
	// ReplyTo are the addresses of Reply-To.
	ReplyTo []string
	// Envelope is MAIL FROM; empty for the null sender.
	Envelope string
	// Authentication is what the receiving server that a setting names found out
	// about From.
	Authentication Authentication
	// Claimed says that nothing shows that who we would answer is who wrote:
	// automatic mail there carries no stranger's words.
	Claimed bool
}

// Authentication is a trusted server's result of checking a mail's From
// (RFC 8601). Empty: no server is trusted, or it said nothing.
type Authentication string

// The results.
const (
	AuthenticationPass Authentication = "pass"
	AuthenticationFail Authentication = "fail"
	AuthenticationNone Authentication = "none"
)

// Participants returns the keys of who takes part by the customer's message: who
// wrote it, whom answers go to, and who stood in To and Cc, each once. ours tells by
// its key which address is not theirs but ours.
func (m Message) Participants(ours func(key string) bool) []string {
	var keys []string
	for _, list := range [][]string{{m.From, m.Sender.Address}, m.To, m.Cc} {
		for _, address := range list {
			key := AddressKey(address)
			if strings.Contains(key, "@") && !slices.Contains(keys, key) && !ours(key) {
				keys = append(keys, key)
			}
			if len(keys) == MaxParticipants {
				return keys
			}
		}
	}
	return keys
}

// joined returns the sorted participants with the keys that are new, as long as
// there is room.
func joined(participants, keys []string) []string {
	out := slices.Clone(participants)
	for _, key := range keys {
		if len(out) < MaxParticipants && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// Span is a part of a text, in bytes: from Start up to, not including, End.
type Span struct{ Start, End int }

// Gaps say what of a mail could not be read or was cut off, each as a sentence of
// ours without a full stop; empty where all was read. A condition that looks for
// something in what has a gap and does not find it is unknown.
type Gaps struct {
	Text    string
	Headers string
	Files   string
}

// NewText returns what the writer wrote now: Text without its quoted parts. Text may
// be the beginning of the whole.
func (m Message) NewText() string {
	if len(m.Quotes) == 0 {
		return m.Text
	}
	var b strings.Builder
	at := 0
	for _, q := range m.Quotes {
		if q.Start < at || q.End < q.Start || q.Start > len(m.Text) {
			continue
		}
		b.WriteString(m.Text[at:q.Start])
		at = min(q.End, len(m.Text))
	}
	b.WriteString(m.Text[at:])
	return b.String()
}

// Bounce is what a report says of a mail that was given back (RFC 3464), or what
// could be read out of a text that says the same.
type Bounce struct {
	Action BounceAction
	// Status is the reason by RFC 3463, like 5.1.1; empty where none was found.
	Status string
	// Recipient is whom the mail did not reach; empty where none was found.
	Recipient string
	// MessageIDs are of the mails that are given back, without angle brackets.
	MessageIDs []string
}

// BounceAction says what became of the mail. Only BounceFailed is the end of it.
type BounceAction string

// The actions of RFC 3464 2.3.3.
const (
	BounceFailed    BounceAction = "failed"
	BounceDelayed   BounceAction = "delayed"
	BounceDelivered BounceAction = "delivered"
	BounceRelayed   BounceAction = "relayed"
	BounceExpanded  BounceAction = "expanded"
)
