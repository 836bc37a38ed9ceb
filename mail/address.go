package mail

import (
	"strings"
	"unicode"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// CheckAddress reports whether mail can be sent to an address: local@domain, 254 bytes at
// most in the form in which it is sent. The domain may be in letters (IDNA), the local
// part is ASCII; one whose dots stand where they should not is sent in quotes.
//
// Errors: errs.Invalid.
func CheckAddress(addr string) error {
	_, err := wireAddress(addr)
	return err
}

// wireAddress returns an address as it stands in a header and in an SMTP command: the
// domain in its ASCII form, the local part in quotes where it must be.
//
// Errors: errs.Invalid.
func wireAddress(addr string) (string, error) {
	const op = "mail.CheckAddress"
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return "", errs.New(op, errs.Invalid, "recipient address is invalid")
	}
	local, domain := addr[:at], addr[at+1:]
	if !isASCII(domain) {
		domain = conversation.ASCIIDomain(domain)
	}
	if inner, ok := strings.CutPrefix(local, `"`); ok && strings.HasSuffix(inner, `"`) && len(inner) > 1 {
		local = inner[:len(inner)-1]
	}
	if strings.ContainsFunc(local, func(c rune) bool { return c > 0x7f && (unicode.IsLetter(c) || unicode.IsMark(c)) }) {
		return "", errs.New(op, errs.Invalid, "recipient address has letters in front of the @ that mail cannot be sent to: only ASCII can "+
			"stand there")
	}
	if !isDotAtom(local, isLocalByte) {
		if local == "" || strings.Trim(local, ".") == "" || !isDotAtom(strings.ReplaceAll(local, ".", ""), isLocalByte) {
			return "", errs.New(op, errs.Invalid, "recipient address is invalid")
		}
		local = `"` + local + `"`
	}
	if len(local)+1+len(domain) > 254 || len(local) > 64 || !isDomain(domain) {
		return "", errs.New(op, errs.Invalid, "recipient address is invalid")
	}
	return local + "@" + domain, nil
}

// wired is wireAddress of an address that was checked; any other stays as it is.
func wired(addr string) string {
	if wire, err := wireAddress(addr); err == nil {
		return wire
	}
	return addr
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

// isDotAtom reports whether s is words of the bytes, joined by single dots.
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
