package conversation

import (
	"slices"
	"strings"
)

// MaxRecipients bounds whom one reply goes to: To, Cc and Bcc together.
const MaxRecipients = 50

// Recipients are whom a mail goes to.
type Recipients struct{ To, Cc, Bcc []string }

// All returns the recipients in the order of a mail's header.
func (r Recipients) All() []string { return slices.Concat(r.To, r.Cc, r.Bcc) }

// ReplyToAll returns whom an agent's reply goes to where nobody is stated: all of
// the customer's last message, which is nil where there is none. To are its writer,
// the customer, and whoever stood in its To; Cc is its Cc. Each is there once, without
// those who are left out (ours, say) and what is no address, MaxRecipients at most.
func ReplyToAll(customer string, last *Message, leaveOut func(address string) bool) Recipients {
	var r Recipients
	seen := map[string]bool{}
	add := func(to *[]string, list ...string) {
		for _, address := range list {
			key := AddressKey(address)
			if len(seen) == MaxRecipients || seen[key] || !IsAddress(address) || leaveOut(address) {
				continue
			}
			seen[key] = true
			*to = append(*to, address)
		}
	}
	if last == nil {
		add(&r.To, customer)
		return r
	}
	add(&r.To, last.From, customer)
	add(&r.To, last.To...)
	add(&r.Cc, last.Cc...)
	return r
}

// IsAddress reports whether mail can be sent to the address: it is written as
// ann@example.com, without a name, its local part in ASCII. Dots may stand anywhere
// in the local part, as some providers give them out; quotes around it count for
// nothing.
func IsAddress(address string) bool {
	local, domain, ok := strings.Cut(address, "@")
	domain = ASCIIDomain(domain)
	if inner, quoted := strings.CutPrefix(local, `"`); quoted {
		if inner, quoted = strings.CutSuffix(inner, `"`); quoted {
			local = inner
		}
	}
	return ok && len(local)+1+len(domain) <= 254 && len(local) <= 64 &&
		isDotted(strings.ReplaceAll(local, ".", ""), "!#$%&'*+/=?^_`{|}~-") && isDotted(domain, "-")
}

// isDotted reports whether s is words of letters, digits and the other characters,
// joined by single dots.
func isDotted(s, others string) bool {
	for word := range strings.SplitSeq(s, ".") {
		if word == "" || strings.ContainsFunc(word, func(c rune) bool {
			return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(others, c)
		}) {
			return false
		}
	}
	return true
}
