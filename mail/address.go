package mail

import (
	"strings"

	"github.com/smarticks/smarticks/errs"
)

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
