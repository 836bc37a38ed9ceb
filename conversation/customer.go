package conversation

import (
	"strings"
	"unicode"
)

// MaxCustomerName bounds each part of a customer's name, in characters.
const MaxCustomerName = 200

// SplitName takes the first word as the first name and the rest as the last.
// Control characters become spaces.
func SplitName(full string) (first, last string) {
	full = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(full, "\uFFFD"))
	words := strings.Fields(full)
	if len(words) == 0 {
		return "", ""
	}
	return cut(words[0], MaxCustomerName), cut(strings.Join(words[1:], " "), MaxCustomerName)
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
