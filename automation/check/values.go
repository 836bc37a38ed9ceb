package check

import (
	"slices"
	"strings"
)

// values is a set of the values that an aspect may have.
type values interface {
	// and returns what is in both. The other is of the same kind: an aspect has one.
	and(values) values
	empty() bool
}

// words is a set of words: those listed or, with except, all but those.
type words struct {
	list   []string
	except bool
	// all are the words there are; nil where there is no end of them.
	all []string
}

func (w words) and(other values) values {
	o, ok := other.(words)
	if !ok {
		return w
	}
	in := func(set words, word string) bool { return slices.Contains(set.list, word) != set.except }
	switch {
	case !w.except:
		return words{list: keep(w.list, func(s string) bool { return in(o, s) }), all: w.all}
	case !o.except:
		return words{list: keep(o.list, func(s string) bool { return in(w, s) }), all: w.all}
	default:
		return words{list: append(slices.Clone(w.list), o.list...), except: true, all: w.all}
	}
}

func (w words) empty() bool {
	if !w.except {
		return len(w.list) == 0
	}
	return w.all != nil && !slices.ContainsFunc(w.all, func(s string) bool { return !slices.Contains(w.list, s) })
}

// not returns all the other words.
func (w words) not() words { return words{list: w.list, except: !w.except, all: w.all} }

func keep(list []string, is func(string) bool) []string {
	var kept []string
	for _, s := range list {
		if is(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// span is the numbers from from on, below to: of a time in seconds, or of a count.
type span struct{ from, to float64 }

func (s span) and(other values) values {
	o, ok := other.(span)
	if !ok {
		return s
	}
	return span{max(s.from, o.from), min(s.to, o.to)}
}

func (s span) empty() bool { return s.from >= s.to }

// texts is what is said of one text or, with many, of several: there a positive
// literal is about one of them, a negative one about all.
type texts struct {
	literals []literal
	many     bool
}

// literal is one thing said of a text; value is folded.
type literal struct {
	op, value string // a positive operator
	not       bool
}

func (t texts) and(other values) values {
	o, ok := other.(texts)
	if !ok {
		return t
	}
	return texts{literals: append(slices.Clone(t.literals), o.literals...), many: t.many}
}

func (t texts) empty() bool {
	for i, a := range t.literals {
		for _, b := range t.literals[i+1:] {
			if a.excludes(b, t.many) || b.excludes(a, t.many) {
				return true
			}
		}
	}
	return false
}

// excludes reports whether two literals cannot both be true.
func (l literal) excludes(o literal, many bool) bool {
	switch {
	case l.not:
		return false // two negative ones go together; of one, the other side asks
	case o.not:
		return l.implies(o)
	case many:
		return false
	case l.op == "is":
		return !l.implies(o) && o.op != "matches"
	case l.op == "starts_with" && o.op == "starts_with":
		return !strings.HasPrefix(l.value, o.value) && !strings.HasPrefix(o.value, l.value)
	case l.op == "ends_with" && o.op == "ends_with":
		return !strings.HasSuffix(l.value, o.value) && !strings.HasSuffix(o.value, l.value)
	default:
		return false
	}
}

// implies reports whether a text of which l holds is one of which o, read as
// positive, holds.
func (l literal) implies(o literal) bool {
	if l.op == o.op && l.value == o.value {
		return true
	}
	if l.op == "matches" || l.op == "set" || o.op == "matches" {
		return false
	}
	switch o.op {
	case "set":
		return true
	case "contains":
		return strings.Contains(l.value, o.value)
	case "starts_with":
		return (l.op == "is" || l.op == "starts_with") && strings.HasPrefix(l.value, o.value)
	case "ends_with":
		return (l.op == "is" || l.op == "ends_with") && strings.HasSuffix(l.value, o.value)
	default:
		return false
	}
}
