package mail

import (
	"mime"
	"strings"
)

// mediaType reads a Content-Type. What is missing or no type at all is plain
// text (RFC 2045 5.2).
func mediaType(value string) (kind string, params map[string]string) {
	kind, params = mediaTypeOr(value, "text/plain")
	if major, minor, ok := strings.Cut(kind, "/"); !ok || !isToken(major) || !isToken(minor) {
		kind = "text/plain"
	}
	return kind, params
}

// mediaTypeOr reads "kind; name=value; …", also where the standard library
// gives up: a doubled parameter, a lost quote, a stray semicolon.
func mediaTypeOr(value, fallback string) (kind string, params map[string]string) {
	if strings.TrimSpace(value) == "" {
		return fallback, nil
	}
	if kind, params, err := mime.ParseMediaType(value); err == nil {
		return kind, params
	}
	kind, rest, _ := strings.Cut(value, ";")
	params = map[string]string{}
	for p := range strings.SplitSeq(rest, ";") {
		k, v, ok := strings.Cut(p, "=")
		k = strings.ToLower(strings.TrimSpace(k))
		if _, doubled := params[k]; ok && k != "" && !doubled {
			params[k] = strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return strings.ToLower(strings.TrimSpace(kind)), params
}

func isToken(s string) bool {
	return s != "" && len(s) <= 127 && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune(`()<>@,;:\"/[]?=`, c)
	})
}
