package automation

import "github.com/smarticks/smarticks/automation/match"

// test is what a condition became: how it is decided, and what was looked at.
type test struct {
	// holds decides. It may not look at the time, except through time.
	holds func(*Prepared) Truth
	// look returns the actual value, and why the condition is unknown or what was cut.
	look func(*Prepared) (actual, why string)
	// time is set for date and calendar conditions, the only ones that time alone can
	// change.
	time timeRow
}

// truth turns a yes or no into a Truth.
func truth(yes bool) Truth {
	if yes {
		return True
	}
	return False
}

// not turns true into false and false into true (Kleene).
func not(t Truth) Truth {
	switch t {
	case True:
		return False
	case False:
		return True
	default:
		return Unknown
	}
}

// and is true when both are, false when one is, else unknown (Kleene).
func and(a, b Truth) Truth {
	switch {
	case a == False || b == False:
		return False
	case a == True && b == True:
		return True
	default:
		return Unknown
	}
}

// or is true when one is, false when both are, else unknown (Kleene).
func or(a, b Truth) Truth {
	switch {
	case a == True || b == True:
		return True
	case a == False && b == False:
		return False
	default:
		return Unknown
	}
}

// has is the truth about something that was looked for in a text and found or not: what
// was not found may still be in what was not looked at.
func has(t *match.Text, found bool) Truth {
	if !found && t.Partly() {
		return Unknown
	}
	return truth(found)
}

// Matches is the truth about a pattern on a text.
func Matches(t *match.Text, p *match.Pattern) Truth {
	matched, known := t.Match(p)
	if !known {
		return Unknown
	}
	return has(t, matched)
}
