package delivery

import "strings"

// BounceReason says in our words why a mail was given back, after its status code
// (RFC 3463). What is no such code is left out: a stranger wrote it.
func BounceReason(status string) string {
	class, rest, _ := strings.Cut(status, ".")
	subject, detail, _ := strings.Cut(rest, ".")
	if (class != "4" && class != "5") || !isNumber(subject) || !isNumber(detail) {
		return "the other side gave it back"
	}
	words := map[string]string{
		"1.1": "there is no such address", "1.2": "there is no such domain", "1.3": "the address is not valid", "1.6": "the address has moved",
		"1.10": "the domain takes no mail", "2.1": "the mailbox is switched off", "2.2": "the mailbox is full",
		"2.3": "the mail is too long for it",
		"4.1": "the other server does not answer", "4.4": "there is no way to the other server",
		"4.7": "the other server did not take it in time",
		"7.1": "the other side does not want it",
	}[subject+"."+detail]
	if words == "" {
		words = map[string]string{
			"1": "the address does not work", "2": "the mailbox does not take it", "3": "the other server does not take it", "4": "it found no way",
			"5": "the servers did not understand each other", "6": "its content is not taken", "7": "the other side does not want it",
		}[subject]
	}
	if words == "" {
		words = "the other side gave it back"
	}
	return status + ": " + words
}

func isNumber(text string) bool {
	return text != "" && len(text) <= 3 && !strings.ContainsFunc(text, func(c rune) bool { return c < '0' || c > '9' })
}
