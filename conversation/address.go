package conversation

import (
	"strings"

	"golang.org/x/net/idna"
)

// AddressKey returns what addresses are compared by, so that one person or mailbox
// has one: case folded, without spaces around it, the domain in its ASCII form
// (RFC 5890). What is no domain name stays as it is, in lower case.
func AddressKey(address string) string {
	address = strings.ToLower(strings.TrimSpace(address))
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	return address[:at+1] + ASCIIDomain(address[at+1:])
}

// AddressKeys returns the keys by which an address may be one of ours: its own, and
// that of the address without its detail (RFC 5233), as in support+order@example.com.
func AddressKeys(address string) []string {
	key := AddressKey(address)
	at := strings.LastIndexByte(key, '@')
	if plus := strings.IndexByte(key, '+'); plus > 0 && plus < at {
		return []string{key, key[:plus] + key[at:]}
	}
	return []string{key}
}

// ASCIIDomain returns a domain in its ASCII form and in lower case; what cannot be
// brought into that form, or is far too long for one, comes back in lower case as
// it is.
func ASCIIDomain(domain string) string {
	domain = strings.TrimSuffix(strings.ToLower(domain), ".")
	if len(domain) > maxDomainBytes {
		return domain
	}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
		return ascii
	}
	return domain
}

// maxDomainBytes bounds the work on strangers' domains: in letters, one of 255 bytes
// in its ASCII form has fewer.
const maxDomainBytes = 1024
