package mail

import (
	"mime"
	netmail "net/mail"
	"strings"

	"github.com/emersion/go-message/charset"

	"github.com/smarticks/smarticks/errs"
)

// address is one mailbox of From, To or Cc.
type address struct{ name, address string }

func addressesOnly(list []address) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.address)
	}
	return out
}

// addresses reads address lists as they stand in the mail, at most 500. Encoded
// names are decoded after the list is split: they may hold commas.
func (r *reader) addresses(values []string) []address {
	var list []address
	for _, v := range values {
		parsed, ok := strictAddresses(v)
		if !ok {
			parsed = looseAddresses(v)
		}
		if list = append(list, parsed...); len(list) > maxAddresses {
			r.note("there are more than 500 addresses")
			return list[:maxAddresses]
		}
	}
	return list
}

func strictAddresses(v string) ([]address, bool) {
	parser := netmail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charset.Reader}}
	parsed, err := parser.ParseList(v)
	if err != nil {
		return nil, false
	}
	var list []address
	for _, a := range parsed {
		list = append(list, address{cleanLine(a.Name), strings.ToLower(cleanLine(a.Address))})
	}
	return list, true
}

// looseAddresses takes whatever looks like an address from a list that the
// standard refuses: unquoted specials, lost brackets, or a bare name such as
// MAILER-DAEMON standing alone.
func looseAddresses(v string) []address {
	var list []address
	entries := splitList(v)
	for _, entry := range entries {
		name, rest, bracketed := strings.Cut(entry, "<")
		addr, _, _ := strings.Cut(rest, ">")
		if !bracketed {
			name, addr = "", looseAddress(entry, len(entries) == 1)
		}
		addr = strings.ToLower(strings.Trim(cleanLine(addr), `"'();:`))
		if addr == "" || len(addr) > 320 || strings.ContainsAny(addr, " <>,") {
			continue
		}
		list = append(list, address{strings.Trim(decodeHeader([]byte(name)), `"' `), addr})
	}
	return list
}

// looseAddress picks the address out of an entry without brackets.
func looseAddress(entry string, alone bool) string {
	words := strings.Fields(entry)
	for _, word := range words {
		if strings.Contains(word, "@") {
			return word
		}
	}
	if alone && len(words) == 1 && !strings.Contains(entry, ":") {
		return words[0]
	}
	return ""
}

// splitList splits at commas and semicolons outside quotes.
func splitList(v string) []string {
	quoted := false
	return strings.FieldsFunc(v, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return !quoted && (c == ',' || c == ';')
	})
}

// CheckAddress tells whether mail can be sent to an address: local@domain in
// ASCII, the local part without quotes, 254 bytes at most. What passes can
// stand in a header and in an SMTP command as it is.
//
// Errors: errs.Invalid.
func CheckAddress(addr string) error {
	local, domain, ok := strings.Cut(addr, "@")
	if !ok || len(addr) > 254 || len(local) > 64 || !isDotAtom(local, isLocalByte) || !isDomain(domain) {
		return errs.New("mail.CheckAddress", errs.Invalid, "recipient address is invalid")
	}
	return nil
}

func isDomain(s string) bool {
	if !isDotAtom(s, isDomainByte) {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// isDotAtom tells whether s is words of the bytes, joined by single dots.
func isDotAtom(s string, ok func(byte) bool) bool {
	for word := range strings.SplitSeq(s, ".") {
		if word == "" {
			return false
		}
		for i := range len(word) {
			if !ok(word[i]) {
				return false
			}
		}
	}
	return true
}

func isDomainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-'
}

func isLocalByte(c byte) bool {
	return isDomainByte(c) || strings.IndexByte("!#$%&'*+/=?^_`{|}~", c) >= 0
}
