package mail

import (
	"slices"
	"strings"

	"github.com/smarticks/smarticks/conversation"
)

// maxReplyTo is how many addresses of Reply-To are looked at; more are no person.
const maxReplyTo = 10

// senders says who sent a mail, and which of them is answered.
type senders struct {
	from    address   // the first of From; zero when it could not be read
	replyTo []address // of Reply-To
	person  address   // whom we answer
	list    mailingList
	fromOwn bool // From is ours
	own     bool // and nobody else is to be answered
	// behind says that person is not From but whom Reply-To names.
	behind bool
}

// senders reads who sent the mail. The person is the one valid address of Reply-To
// that is neither From nor ours nor the mailing list's: contact forms, shops and
// groups write from an address of their own and name their customer there (RFC 5322
// 3.6.2). Else it is From, or, where that could not be read, the envelope's sender.
func (r *reader) senders(fields []field, h headers, env Envelope, envelopeFrom string, to []string) senders {
	s := senders{replyTo: r.addresses(rawFields(fields, "Reply-To"))}
	if from := r.addresses(rawFields(fields, "From")); len(from) > 0 {
		s.from = from[0]
		s.person = s.from
	} else {
		s.person.address = envelopeFrom
		r.note("the sender's address could not be read")
	}
	s.fromOwn = isOwn(env.Own, s.person.address)
	s.list = listOf(h, to)
	if other, ok := s.other(env.Own); ok {
		if other.name == "" {
			other.name = s.person.name
		}
		s.person, s.behind = other, true
	}
	s.own = s.fromOwn && !s.behind
	return s
}

// other returns the one address of Reply-To that is somebody else's than From's.
// Whoever wants answers at their own address too is answered there.
func (s senders) other(own func(string) bool) (address, bool) {
	var found address
	if len(s.replyTo) > maxReplyTo {
		return found, false
	}
	from := conversation.AddressKey(s.person.address)
	for _, to := range s.replyTo {
		key := conversation.AddressKey(to.address)
		switch {
		case CheckAddress(key) != nil || key == conversation.AddressKey(found.address) || s.list.is(key):
			continue
		case key == from:
			return address{}, false
		case isOwn(own, key):
			continue
		case found.address != "":
			return address{}, false
		}
		found = to
	}
	return found, found.address != ""
}

// facts are what is kept of the mail's sender. Whoever is named by a Reply-To of
// another domain than From's is merely claimed, and where servers are trusted to
// check From, so is whoever comes without their pass.
func (s senders) facts(envelopeFrom string, trusts bool, result conversation.Authentication) conversation.Sender {
	facts := conversation.Sender{
		Name: s.from.name, Address: s.from.address, ReplyTo: addressesOnly(s.replyTo), Envelope: envelopeFrom, Authentication: result,
	}
	facts.Claimed = trusts && result != conversation.AuthenticationPass ||
		s.behind && keyDomain(s.person.address) != keyDomain(s.from.address)
	return facts
}

// keyDomain returns the domain of an address in its ASCII form.
func keyDomain(address string) string {
	key := conversation.AddressKey(address)
	return key[strings.LastIndexByte(key, '@')+1:]
}

// mailingList is the list that a mail came by.
type mailingList struct {
	names     []string // the keys of the addresses that name it
	addresses []string // those, and of whoever it was sent to
	id        string   // List-Id without brackets, in lower case
}

// listOf reads the list's addresses: what RFC 2369 and 2919 say, what older list
// programs say, and of a list's mail those in To.
func listOf(h headers, to []string) mailingList {
	var l mailingList
	for _, name := range []string{"List-Post", "Mailing-List", "X-Mailing-List", "X-BeenThere"} {
		for _, value := range h.all(name) {
			l.names = append(l.names, listAddresses(value)...)
		}
	}
	id := strings.ToLower(h.first("List-Id"))
	if _, inner, ok := strings.Cut(id, "<"); ok {
		id, _, _ = strings.Cut(inner, ">")
	}
	l.id = strings.TrimSpace(id)
	if label, domain, ok := strings.Cut(l.id, "."); ok {
		l.names = append(l.names, conversation.AddressKey(label+"@"+domain))
	}
	l.addresses = slices.Clone(l.names)
	if len(l.names) > 0 && len(to) <= maxReplyTo {
		for _, recipient := range to {
			l.addresses = append(l.addresses, conversation.AddressKey(recipient))
		}
	}
	return l
}

// listAddresses picks the addresses out of "<mailto:dev@lists.example>" and
// "list dev@lists.example; contact dev-owner@lists.example".
func listAddresses(value string) []string {
	var list []string
	for _, word := range strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" \t<>,;:?", c) }) {
		if len(list) < maxReplyTo && CheckAddress(conversation.AddressKey(word)) == nil {
			list = append(list, conversation.AddressKey(word))
		}
	}
	return list
}

// ours reports whether the list is one of our mailboxes, with the list's program in front.
func (l mailingList) ours(own func(string) bool) bool {
	return slices.ContainsFunc(l.names[:min(len(l.names), maxListNames)], func(name string) bool { return isOwn(own, name) })
}

// maxListNames is how many of a list's names are looked up.
const maxListNames = 5

// is reports whether the key of an address is the list's own.
func (l mailingList) is(key string) bool {
	if slices.Contains(l.addresses, key) {
		return true
	}
	local, domain, _ := strings.Cut(key, "@")
	// <dev-list.lists.example> is the list dev@lists.example.
	label, inDomain := strings.CutSuffix(l.id, "."+domain)
	return inDomain && slices.Contains(strings.FieldsFunc(label, func(c rune) bool { return c == '-' || c == '.' }), local)
}
