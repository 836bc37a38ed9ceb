package mail

import (
	"html"
	"strings"
)

// HTMLOf returns a plain text as the HTML alternative of a mail: every character
// of it is shown as it is, whatever it says. image, an address of ours, is loaded
// by mail programs that show images; nothing else is.
func HTMLOf(text, image string) string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html><body><div style="white-space:pre-wrap">`)
	b.WriteString(html.EscapeString(strings.TrimRight(cleanText(text), "\n")))
	b.WriteString("</div>")
	if image != "" {
		b.WriteString(`<img src="` + html.EscapeString(image) + `" width="1" height="1" alt="">`)
	}
	b.WriteString("</body></html>")
	return b.String()
}
