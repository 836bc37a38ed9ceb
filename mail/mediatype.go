package mail

import (
	"maps"
	"slices"
	"strconv"
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

// mediaTypeOr reads "kind; name=value; …" (RFC 2045 5.1, RFC 2231), also with a doubled
// parameter, a lost quote, a stray semicolon. The value is as it stands in the mail;
// parameters in a charset of their own come out in UTF-8, others as they are.
func mediaTypeOr(value, fallback string) (kind string, params map[string]string) {
	value = strings.TrimSpace(value)
	end := strings.IndexAny(value, "; \t(")
	if end < 0 {
		end = len(value)
	}
	if kind = strings.ToLower(value[:end]); kind == "" {
		kind = fallback
	}
	params = map[string]string{}
	pieces := map[string]map[int]parameter{}
	for rest := value[end:]; rest != ""; {
		var name, v string
		if name, v, rest = cutParameter(rest); name == "" {
			continue
		}
		base, n, extended, ok := sectionOf(name)
		switch {
		case !ok:
			if _, doubled := params[base]; !doubled {
				params[base] = v
			}
		case len(pieces[base]) == 0:
			pieces[base] = map[int]parameter{n: {v, extended}}
		default:
			if _, doubled := pieces[base][n]; !doubled {
				pieces[base][n] = parameter{v, extended}
			}
		}
	}
	for base, sections := range pieces {
		params[base] = joinSections(sections)
	}
	return kind, params
}

// cutParameter cuts the next "name=value" off a list; the name is empty when what
// comes next is none.
func cutParameter(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, "; \t\r\n")
	if strings.HasPrefix(s, "(") {
		_, rest, _ = strings.Cut(s, ")")
		return "", "", rest
	}
	at := strings.IndexAny(s, "=;")
	if at < 0 {
		return "", "", ""
	}
	if s[at] == ';' {
		return "", "", s[at+1:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:at]))
	s = strings.TrimLeft(s[at+1:], " \t\r\n")
	if strings.HasPrefix(s, `"`) {
		if value, rest, ok := cutQuoted(s[1:]); ok {
			return name, value, rest
		}
	}
	value, rest, _ = strings.Cut(s, ";")
	value = strings.Trim(strings.TrimSpace(value), `"`)
	if bare, _, comment := strings.Cut(value, " ("); comment && !isFileName(name) {
		value = bare
	}
	return name, value, rest
}

// isFileName reports whether a parameter holds a name, where a parenthesis is no
// comment.
func isFileName(name string) bool {
	return strings.HasPrefix(name, "filename") || strings.HasPrefix(name, "name")
}

// cutQuoted reads a quoted string up to its closing quote. A backslash stands for
// itself but before a quote or a backslash: Windows programs write paths.
func cutQuoted(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", s, false
}

// parameter is a section of a parameter; extended ones are percent-encoded.
type parameter struct {
	value    string
	extended bool
}

// sectionOf reads a parameter's name as of RFC 2231: base*, base*0, base*0*. n is -1
// for one without a number; ok is false for a plain name.
func sectionOf(name string) (base string, n int, extended, ok bool) {
	base, section, ok := strings.Cut(name, "*")
	if !ok {
		return name, 0, false, false
	}
	section, extended = strings.CutSuffix(section, "*")
	if section == "" {
		return base, -1, true, true
	}
	n, err := strconv.Atoi(section)
	return base, n, extended, err == nil && n >= 0
}

// joinSections joins the bytes of a parameter's sections before their charset is
// decoded: a character may be split over two.
func joinSections(sections map[int]parameter) string {
	if whole, ok := sections[-1]; ok {
		sections = map[int]parameter{0: whole}
	}
	var charset string
	var out []byte
	declared := false
	for i, n := range slices.Sorted(maps.Keys(sections)) {
		p := sections[n]
		if p.extended && i == 0 {
			if cs, tagged, ok := strings.Cut(p.value, "'"); ok {
				if _, value, ok := strings.Cut(tagged, "'"); ok {
					tagged = value
				}
				charset, declared, p.value = cs, true, tagged
			}
		}
		if p.extended {
			out = append(out, percentDecoded(p.value)...)
		} else {
			out = append(out, p.value...)
		}
	}
	if !declared || charset == "" {
		return string(out)
	}
	s, _ := decodeCharset(charset, out)
	return s
}

func percentDecoded(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

func isToken(s string) bool {
	return s != "" && len(s) <= 127 && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune(`()<>@,;:\"/[]?=`, c)
	})
}
