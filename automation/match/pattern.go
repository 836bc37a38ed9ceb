package match

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// Limits of a pattern: what bounds the time that one costs.
const (
	MaxPatternBytes        = 500
	MaxPatternInstructions = 500
)

// Pattern is a compiled pattern. It is never changed.
type Pattern struct {
	*regexp.Regexp
	value    string   // as it was written
	Literals []string // one of them is in every text that it matches; nil: not known
	Steps    int      // what one byte costs at worst
}

// ParsePattern compiles the value of a "matches" condition: RE2, with optional
// delimiters and flags (/…/ims: i is always on, m lets ^ and $ match at line
// ends, s lets . match a line end). Case is ignored by Unicode's simple folding
// unless the pattern says (?-i); \b, \d and \w know ASCII only. It is matched on
// the text as it came, not on its folded form.
//
// The problem is a sentence with the position, empty when there is none.
func ParsePattern(value string) (re *Pattern, problem string) {
	if len(value) > MaxPatternBytes {
		return nil, fmt.Sprintf("the pattern is %d bytes long: at most %d", len(value), MaxPatternBytes)
	}
	if !utf8.ValidString(value) {
		return nil, "the pattern is not valid UTF-8"
	}
	source, flags, offset, problem := SplitPattern(value)
	if problem != "" {
		return nil, problem
	}
	if source == "" {
		return nil, "the pattern is empty: it would match everything"
	}
	if _, err := syntax.Parse(source, syntax.Perl); err != nil {
		return nil, patternProblem(err, source, offset)
	}
	whole := "(?" + flags + ")" + source
	parsed, err := syntax.Parse(whole, syntax.Perl)
	if err != nil {
		return nil, patternProblem(err, source, offset)
	}
	parsed = parsed.Simplify()
	prog, err := syntax.Compile(parsed)
	if err != nil {
		return nil, patternProblem(err, source, offset)
	}
	if n := len(prog.Inst); n > MaxPatternInstructions {
		return nil, fmt.Sprintf("the pattern is too costly: %d steps when compiled, at most %d; make its repetitions smaller", n,
			MaxPatternInstructions)
	}
	compiled, err := regexp.Compile(whole)
	if err != nil {
		return nil, patternProblem(err, source, offset)
	}
	return &Pattern{Regexp: compiled, value: value, Literals: patternLiterals(parsed), Steps: len(prog.Inst)}, ""
}

// SplitPattern takes the delimiters off. The offset is how many characters of
// the value come before the pattern.
func SplitPattern(value string) (pattern, flags string, offset int, problem string) {
	end := strings.LastIndexByte(value, '/')
	if end <= 0 || value[0] != '/' {
		return value, "i", 0, ""
	}
	flags = "i"
	for _, f := range value[end+1:] {
		switch f {
		case 'i':
		case 'm', 's':
			flags += string(f)
		default:
			return "", "", 0, fmt.Sprintf("unknown flag %q after the closing /: known are i, m and s; a pattern that begins with a slash "+
				"stands between slashes, as in /\\/path/", string(f))
		}
	}
	return value[1:end], flags, 1, ""
}

// patternProblem says what RE2 does not take, and at which character.
func patternProblem(err error, pattern string, offset int) string {
	var se *syntax.Error
	if !errors.As(err, &se) {
		return "the pattern cannot be used: " + err.Error()
	}
	if around := lookAround(se.Expr); around != "" {
		return fmt.Sprintf("look-ahead and look-behind cannot be used: %s%s", Quote(around), position(pattern, se.Expr, offset))
	}
	expr, at := Quote(se.Expr), ""
	if se.Expr != pattern {
		at = position(pattern, se.Expr, offset)
	}
	switch se.Code {
	case syntax.ErrInvalidPerlOp:
		return fmt.Sprintf("this group cannot be used: %s%s", expr, at)
	case syntax.ErrInvalidEscape:
		if len(se.Expr) > 1 && '1' <= se.Expr[1] && se.Expr[1] <= '9' {
			return fmt.Sprintf("back-references cannot be used: %s%s", expr, at)
		}
		return fmt.Sprintf("unknown escape %s%s", expr, at)
	case syntax.ErrInvalidNamedCapture:
		return fmt.Sprintf("bad group name: %s%s", expr, at)
	case syntax.ErrInvalidRepeatSize, syntax.ErrLarge:
		return fmt.Sprintf("a repetition is too large: %s%s", expr, at)
	case syntax.ErrMissingParen:
		return "a group is not closed: a ) is missing"
	case syntax.ErrUnexpectedParen:
		return "a ) has no ( before it"
	default:
		return fmt.Sprintf("the pattern cannot be used: %s: %s%s", se.Code, expr, at)
	}
}

// lookAround returns the look-around operator that expr begins with, if any.
func lookAround(expr string) string {
	for _, op := range []string{"(?=", "(?!", "(?<=", "(?<!"} {
		if strings.HasPrefix(expr, op) {
			return op
		}
	}
	return ""
}

// position says where part stands in the pattern, counted in the value as its
// author wrote it.
func position(pattern, part string, offset int) string {
	i := indexUnescaped(pattern, part)
	if i < 0 {
		return ""
	}
	return fmt.Sprintf(" at character %d", utf8.RuneCountInString(pattern[:i])+1+offset)
}

// indexUnescaped finds part in a pattern without mistaking the second character
// of an escape for the beginning of something: in \\1 there is no \1.
func indexUnescaped(pattern, part string) int {
	if part == "" {
		return -1
	}
	for i := 0; i < len(pattern); i++ {
		if strings.HasPrefix(pattern[i:], part) {
			return i
		}
		if pattern[i] == '\\' {
			i++
		}
	}
	return -1
}
