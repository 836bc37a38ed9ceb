package automation

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
)

// bodyRow tests the bodies that of returns: of the event's message; where there is
// none, of the recent customer messages, of which any may match and, for a negative
// operator, none. Without any message it is unknown.
func bodyRow(of func(*Prepared) []*match.Text) func(operator, operand) test {
	return func(o operator, v operand) test {
		match := matcher(o, v)
		return test{
			holds: func(p *Prepared) Truth {
				bodies := of(p)
				if len(bodies) == 0 {
					return Unknown
				}
				_, holds := find(bodies, match)
				return o.meant(holds)
			},
			look: func(p *Prepared) (string, string) {
				bodies := of(p)
				if len(bodies) == 0 {
					return "", "there is no customer message to look at"
				}
				found, _ := find(bodies, match)
				return excerpt(bodies[max(found, 0)], o, v), bodyNote(p, bodies, found, v)
			},
		}
	}
}

// newBodies are what the writers wrote, without what they quote.
func newBodies(p *Prepared) []*match.Text { return p.bodies }

// wholeBodies are the whole texts.
func wholeBodies(p *Prepared) []*match.Text {
	messages := p.filed()
	if len(p.wholes) != len(messages) {
		p.wholes = make([]*match.Text, len(messages))
	}
	for i, m := range messages {
		p.wholes[i] = p.wholes[i].WholeText(m)
	}
	return match.SharingWork(p.wholes)
}

// bodyNote says which messages were looked at and which part of them, where that is
// not plain.
func bodyNote(p *Prepared, bodies []*match.Text, found int, v operand) string {
	var notes []string
	if p.facts.Message == nil && len(bodies) > 1 {
		notes = append(notes, fmt.Sprintf("looked at the last %d customer messages", len(bodies)))
		if found > 0 {
			notes = append(notes, fmt.Sprintf("found in number %d, counted from the newest", found+1))
		}
	}
	if quoted := quotedNote(bodies[max(found, 0)], found < 0, v); quoted != "" {
		notes = append(notes, quoted)
	}
	for _, t := range bodies {
		if note := t.Note(); note != "" {
			notes = append(notes, note)
			break
		}
	}
	return strings.Join(notes, "; ")
}

// quoteLength is how many characters of where a quote begins are shown.
const quoteLength = 40

// quotedNote says where the quoted part of a body begins, which was not looked at, and
// whether what was looked for and not found is there.
func quotedNote(t *match.Text, missed bool, v operand) string {
	if len(t.Quotes) == 0 {
		return ""
	}
	first := t.Quotes[0]
	if first.Start > len(t.Whole) || first.End > len(t.Whole) || first.Start >= first.End {
		return ""
	}
	line := 1 + strings.Count(t.Whole[:first.Start], "\n")
	words := strings.TrimLeft(t.Whole[first.Start:first.End], " \t\r\n")
	line += strings.Count(t.Whole[first.Start:first.End-len(words)], "\n")
	words, _, _ = strings.Cut(words, "\n")
	says := fmt.Sprintf("what is quoted was left out, from line %d on (%s)", line, match.QuoteAtMost(words, quoteLength))
	if whole := (*match.Text)(nil).Or(t.Whole); missed && v.folded != "" && strings.Contains(whole.Fold(), v.folded) {
		says += ", where " + match.Quote(v.text) + " is found: body_with_history looks there too"
	}
	return says
}

// excerpt returns what an explanation shows of a text: the surroundings of what
// was found when they can be told, else its beginning.
func excerpt(t *match.Text, o operator, v operand) string {
	const before = 60
	raw := t.Raw
	start := -1
	if o.value == patternValue {
		if Matches(t, v.pattern) == True {
			start = v.pattern.FindStringIndex(raw)[0]
		}
	} else if v.text != "" {
		start = indexFolded(raw, v.text)
	}
	if start <= before {
		return match.Shorten(raw, actualLength)
	}
	from := start - before
	for from < start && raw[from]&0xC0 == 0x80 {
		from++
	}
	return match.Shorten("…"+raw[from:], actualLength)
}

// indexFolded returns where words stand in a text, whatever their case and the white
// space between them; -1 where that cannot be told.
func indexFolded(s, words string) int {
	if at := strings.Index(s, words); at >= 0 || len(s) <= actualLength {
		return at
	}
	parts := strings.Fields(words)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	re, err := regexp.Compile("(?i)" + strings.Join(parts, `\s+`))
	if err != nil {
		return -1
	}
	if at := re.FindStringIndex(s); at != nil {
		return at[0]
	}
	return -1
}
