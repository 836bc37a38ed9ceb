package delivery

import "strings"

// begun is what follows our id in the reference of a mail that we begin.
const begun = ".begun"

// Reference returns what stands in References of a mail that begins a thread. A
// relay may give the mail another Message-ID: mail programs repeat this one in an
// answer (RFC 5322 3.6.4), so that it finds its conversation all the same.
func Reference(id ID, domain string) string { return string(id) + begun + "@" + domain }

// Named returns the delivery that an id in a mail's header is ours of: the
// Message-ID of a mail of ours, or its Reference.
func Named(messageID string) (ID, bool) {
	local, _, _ := strings.Cut(messageID, "@")
	local = strings.TrimSuffix(strings.ToLower(local), begun)
	if len(local) != 36 {
		return "", false
	}
	for i, c := range []byte(local) {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return "", false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return "", false
		}
	}
	return ID(local), true
}
