package mail

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// maxStyleBytes is how long a style attribute may be that is read at all.
const maxStyleBytes = 1 << 10

// cleanStyle is what styleOf writes: declarations of the kept properties, each with
// a value of words, numbers, a colour.
var cleanStyle = regexp.MustCompile(`^(?:[a-z-]{5,16}: [a-z0-9#%., ()-]{1,64}(?:; |$))+$`)

// keptStyles are the properties that may stay.
var keptStyles = map[string]bool{
	"color": true, "background-color": true, "font-weight": true, "font-style": true, "text-align": true, "text-decoration": true,
}

// cleanStyles reduces the style attributes of HTML to what may stay; everything else
// stays as it is. It looks at each byte a fixed number of times.
func cleanStyles(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			b.Write(z.Raw())
			return b.String()
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken || !mentionsStyle(z.Raw()) {
			b.Write(z.Raw())
			continue
		}
		t := z.Token()
		kept := t.Attr[:0]
		for _, a := range t.Attr {
			if a.Key == "style" {
				a.Val = styleOf(a.Val)
			}
			if a.Key != "style" || a.Val != "" {
				kept = append(kept, a)
			}
		}
		t.Attr = kept
		b.WriteString(t.String())
	}
}

// mentionsStyle reports whether a tag may have a style attribute.
func mentionsStyle(tag []byte) bool {
	for i := bytes.IndexAny(tag, "sS"); i >= 0 && i+5 <= len(tag); {
		if bytes.EqualFold(tag[i:i+5], []byte("style")) {
			return true
		}
		next := bytes.IndexAny(tag[i+1:], "sS")
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// styleOf returns the declarations of a style that may stay; none of one that is
// longer than anybody writes.
func styleOf(s string) string {
	if len(s) > maxStyleBytes {
		return ""
	}
	var kept []string
	for declaration := range strings.SplitSeq(strings.ToLower(s), ";") {
		property, value, _ := strings.Cut(declaration, ":")
		property = strings.TrimSpace(property)
		value = strings.Join(strings.Fields(strings.TrimSuffix(strings.TrimSpace(value), "!important")), " ")
		if keptStyles[property] && isStyleValue(value) {
			kept = append(kept, property+": "+value)
		}
	}
	return strings.Join(kept, "; ")
}

// isStyleValue reports whether a value is words, numbers or a colour; of functions only
// those of colours.
func isStyleValue(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if ok := 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("#%., ()-", c) >= 0; !ok {
			return false
		}
	}
	name, arguments, called := strings.Cut(s, "(")
	if !called {
		return !strings.Contains(s, ")")
	}
	switch name {
	case "rgb", "rgba", "hsl", "hsla":
		return strings.IndexByte(arguments, ')') == len(arguments)-1 && !strings.Contains(arguments, "(")
	}
	return false
}
