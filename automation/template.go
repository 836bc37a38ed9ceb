package automation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/errs"
)

// Target says where a rendered text goes, and so how values are escaped.
type Target int

// The targets.
const (
	Text   Target = iota // as it is
	HTML                 // values are HTML-escaped, the template itself is HTML
	Header               // one line: line ends and control characters, the template's own too, become spaces
	JSON                 // values are escaped for the inside of a JSON string
)

// MaxTemplateBytes is how long a template may be.
const MaxTemplateBytes = 64 << 10

const (
	openMark     = "{%"
	closeMark    = "%}"
	fallbackMark = "fallback="
)

// Template is a text with variables: {%customer.firstName%}, or with a fallback
// for when there is no value: {%customer.firstName,fallback=there%}. There is
// nothing else in the language; a {% that is not closed is plain text.
type Template struct{ segments []segment }

// segment is a stretch of plain text, or a variable.
type segment struct {
	plain    string
	value    func(Vars) string // nil: plain
	fallback string
}

// ParseTemplate parses src. Problems have an empty path and say the position;
// the template is usable when there are none.
func ParseTemplate(src string) (*Template, []errs.Problem) {
	if len(src) > MaxTemplateBytes {
		return &Template{}, problems(fmt.Sprintf("the text is %d bytes long: at most %d", len(src), MaxTemplateBytes))
	}
	t, rest, bad := &Template{}, src, []errs.Problem(nil)
	for at := 1; ; {
		before, inside, after, ok := nextVariable(rest)
		if !ok {
			t.add(segment{plain: rest})
			return t, bad
		}
		t.add(segment{plain: before})
		at += utf8.RuneCountInString(before)
		s, problem := parseVariable(inside)
		if problem != "" {
			if len(bad) == maxTold {
				return t, append(bad, errs.Problem{Message: fmt.Sprintf("what follows was not looked at (from character %d)", at)})
			}
			bad = append(bad, errs.Problem{Message: fmt.Sprintf("%s (at character %d)", problem, at)})
		}
		t.add(s)
		at += utf8.RuneCountInString(rest[len(before) : len(rest)-len(after)])
		rest = after
	}
}

// nextVariable splits s at its first variable. Of several opening marks before a
// closing one the last counts.
func nextVariable(s string) (before, inside, after string, ok bool) {
	open := strings.Index(s, openMark)
	if open < 0 {
		return "", "", "", false
	}
	length := strings.Index(s[open+len(openMark):], closeMark)
	if length < 0 {
		return "", "", "", false
	}
	end := open + len(openMark) + length
	open = strings.LastIndex(s[:end], openMark)
	return s[:open], s[open+len(openMark) : end], s[end+len(closeMark):], true
}

func parseVariable(inside string) (segment, string) {
	name, option, hasOption := strings.Cut(inside, ",")
	name = strings.TrimSpace(name)
	value, problem := findVariable(name)
	if problem != "" {
		return segment{}, problem
	}
	s := segment{value: value}
	if hasOption {
		fallback, ok := strings.CutPrefix(strings.TrimLeft(option, " "), fallbackMark)
		if !ok {
			return segment{}, fmt.Sprintf("after the comma of %s comes fallback=text, not %s", match.Quote(name), match.Quote(option))
		}
		s.fallback = fallback
	}
	return s, ""
}

func (t *Template) add(s segment) {
	if s.plain != "" || s.value != nil {
		t.segments = append(t.segments, s)
	}
}

// Render returns the text with the variables' values. A value that is missing or
// blank is replaced by its fallback, and by nothing where there is none.
func (t *Template) Render(target Target, vars Vars) string {
	var b strings.Builder
	for _, s := range t.segments {
		if s.value == nil {
			b.WriteString(s.plain)
			continue
		}
		v := s.value(vars)
		if strings.TrimSpace(v) == "" {
			v = s.fallback
		}
		b.WriteString(escape(target, v))
	}
	if target == Header {
		return oneLine(b.String())
	}
	return b.String()
}

func escape(target Target, v string) string {
	switch target {
	case HTML:
		return html.EscapeString(v)
	case JSON:
		return escapeJSON(v)
	default:
		return v
	}
}

// escapeJSON returns v as it stands between the quotes of a JSON string.
func escapeJSON(v string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return ""
	}
	return string(bytes.TrimSuffix(bytes.TrimPrefix(bytes.TrimSpace(b.Bytes()), []byte(`"`)), []byte(`"`)))
}

// oneLine turns line ends and control characters into spaces, a run of them into
// one, so that a value can end no header line, and drops what would turn round the
// rest of the line.
func oneLine(s string) string {
	if strings.IndexFunc(s, turns) >= 0 {
		s = strings.Map(func(r rune) rune {
			if turns(r) {
				return -1
			}
			return r
		}, s)
	}
	isBreak := func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
	if strings.IndexFunc(s, isBreak) < 0 {
		return s
	}
	return strings.TrimSpace(strings.Join(strings.FieldsFunc(s, isBreak), " "))
}

// turns reports whether a character changes the direction of those that follow it
// (embeddings, overrides and isolates of Unicode's bidirectional algorithm). Marks
// that only say which way a neighbour runs are fine.
func turns(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// RenderTree returns a copy of a JSON-like tree whose strings are rendered: the
// body of a webhook. Encoding the result escapes the values. Strings that are no
// good template are left as they are (Compile refuses them).
func RenderTree(tree any, vars Vars) any {
	switch v := tree.(type) {
	case string:
		t, bad := ParseTemplate(v)
		if len(bad) > 0 {
			return v
		}
		return t.Render(Text, vars)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = RenderTree(e, vars)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = RenderTree(e, vars)
		}
		return out
	default:
		return v
	}
}
