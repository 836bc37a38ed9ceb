package mail

import (
	"regexp"
	"strings"
	"unicode"
)

// maxStub is how long a plain text is at most that only says where to read.
const maxStub = 400

// stubWords are what plain texts say that send their reader to the HTML. In other
// languages too they name it.
var stubWords = []string{
	"html", "mime", "browser", "web version", "webversion", "online version", "onlineversion", "online-version",
	"rich text", "formatted", "formatiert", "text version", "textversion", "plain text",
}

// placeholders are what mail programs write into the plain text for a picture.
var placeholders = regexp.MustCompile(`\[(?:cid:[^\]\n]*|image(?:: [^\]\n]*)?)\]`)

// isStub reports whether a plain text says nothing of its own beside the HTML's: it is
// empty, or it is short, speaks of the HTML, and the HTML does not say the same.
func isStub(plain, html string) bool {
	if squeezed(html) == "" {
		return false
	}
	if len(plain) > 4*maxStub {
		return false
	}
	plain = squeezed(placeholders.ReplaceAllString(plain, ""))
	if plain == "" {
		return true
	}
	if len(plain) > maxStub {
		return false
	}
	for _, w := range stubWords {
		if strings.Contains(plain, squeezed(w)) {
			return !strings.Contains(squeezed(html), plain)
		}
	}
	return false
}

// squeezed returns a text in lower case without white space and characters that
// nobody sees.
func squeezed(s string) string {
	return strings.ToLower(strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) || c == 0xfffc || c == 0x034f {
			return -1
		}
		return c
	}, s))
}
