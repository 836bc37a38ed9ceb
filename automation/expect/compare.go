package expect

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/automation/runs"
)

// actions compares what was done with what was to be done, in order. What came to
// nothing (skipped, unchanged, failed) counts where it is expected to.
func (j *judging) actions(want []automation.ExpectedAction) {
	left := j.o.actions()
	for i, e := range want {
		at := "actions" + automation.PathIndex(i)
		nothing := e.Outcome != "" && !(observedAction{ActionOutcome: runs.ActionOutcome{State: e.Outcome}}).did()
		for len(left) > 0 && !left[0].did() && (!nothing || left[0].State != e.Outcome || left[0].Do != e.Do) {
			left = left[1:]
		}
		if len(left) == 0 {
			j.Wrong(at, "expected "+j.asked(e)+", but "+j.insteadOf(e))
			return
		}
		if !j.action(at, e, left[0]) {
			return // what follows is only shifted
		}
		left = left[1:]
	}
	for _, a := range left {
		if a.did() {
			j.Wrong("actions"+automation.PathIndex(len(want)), "expected nothing more, but it also did: "+a.Sentence)
			return
		}
	}
}

// insteadOf says what became of an action that was not done.
func (j *judging) insteadOf(e automation.ExpectedAction) string {
	if a, there := j.nothing(e.Do); there {
		return "that came to nothing: " + a.outcomeWords()
	}
	for _, r := range j.o.runs() {
		if r.State == automation.RunLimited {
			return "a run did nothing, since its mail might not go: " + r.Reason
		}
	}
	if !slices.ContainsFunc(j.o.runs(), observedRun.happened) {
		return strings.Replace("it did not run. "+j.whyNot(), "run. "+automation.DidNotRun, "run: ", 1)
	}
	var did []string
	for _, a := range j.o.actions() {
		if a.did() {
			did = append(did, a.Sentence)
		}
	}
	if len(did) == 0 {
		return "it did nothing"
	}
	return "all that it did is: " + match.Shorten(strings.Join(did, "; "), 300)
}

// nothing returns the first action of the kind that came to nothing.
func (j *judging) nothing(do string) (observedAction, bool) {
	for _, a := range j.o.actions() {
		if a.Do == do && !a.did() {
			return a, true
		}
	}
	return observedAction{}, false
}

// action compares one action with the one that is expected; false when it is
// another one.
func (j *judging) action(at string, e automation.ExpectedAction, got observedAction) bool {
	switch {
	case e.Do != got.Do:
		instead := "what it did there is: " + got.Sentence
		if a, there := j.nothing(e.Do); there {
			instead = "that came to nothing: " + a.outcomeWords() + "; " + instead
		}
		j.Wrong(at, "expected "+j.asked(e)+", but "+instead)
		return false
	case e.Outcome != "" && e.Outcome != got.State && (e.Outcome != automation.ActionDone || !got.did()):
		j.Wrong(at+".outcome", "expected "+string(e.Outcome)+", got "+got.outcomeWords())
		return true
	}
	asked, done := automation.EncodeAction(e.Action), automation.EncodeAction(got.as)
	for _, key := range automation.SortedKeys(asked) {
		if key != "do" {
			j.part(automation.JoinPath(at, key), comparison{e.Do, key}, e.Action, got.as, asked[key], done[key])
		}
	}
	body := got.as.Body
	if got.as.JSON != nil {
		body = automation.AsJSON(got.as.JSON)
	}
	for i, text := range e.Contains {
		if !strings.Contains(match.Fold(body), match.Fold(text)) {
			j.Wrong(at+".contains"+automation.PathItem(e.Contains, i), "expected "+match.Quote(text)+" in it, but it says "+longQuote(body))
		}
	}
	return true
}

// comparison is how one part of an action is compared: by the action and the key in
// which the part is written.
type comparison struct{ do, key string }

// part compares one part of an action, as it is written, with the expected one.
func (j *judging) part(at string, c comparison, wanted, done automation.Action, want, got any) {
	if who := j.nobody(c, want); who != "" {
		j.Wrong(at, "there is no "+who)
		return
	}
	w, g := j.plain(c, want), j.plain(c, got)
	if reflect.DeepEqual(w, g) {
		return
	}
	wantText, isText := w.(string)
	gotText, both := g.(string)
	switch {
	case isText && both && slices.Contains([]string{"body", "subject", "value"}, c.key):
		j.Wrong(at, textsDiffer(wantText, gotText))
	case c.key == "body":
		d := treeDifference(w, g)
		j.Wrong(automation.JoinPath(at, d.Path), "expected "+orNothing(d.Before)+", got "+orNothing(d.After))
	case c.key == "url", c.key == "headers":
		// Who may read a test's outcome may not know the secrets.
		w, g = automation.EncodeAction(wanted.WithoutSecrets())[c.key], automation.EncodeAction(done.WithoutSecrets())[c.key]
		if reflect.DeepEqual(w, g) {
			j.Wrong(at, "is another one in what is kept secret: a header's value, or the query of the address")
			return
		}
		fallthrough
	default:
		j.Wrong(at, "expected "+j.plainWords(c, w)+", got "+j.plainWords(c, g))
	}
}

// treeDifference is the first difference of two trees.
func treeDifference(want, got any) automation.Difference {
	d := automation.DiffTrees("", want, got)[0]
	d.Before, d.After = match.Shorten(d.Before, 200), match.Shorten(d.After, 200)
	return d
}

func orNothing(s string) string { return cmp.Or(s, "nothing") }

// refers returns whether the part names users (RefUser) or a mailbox (RefMailbox).
func (c comparison) refers() string {
	switch {
	case c.key == "mailbox":
		return automation.RefMailbox
	case c.key == "user", c.key == "among", c.key == "to" && c.do != automation.DoForward:
		return automation.RefUser
	}
	return ""
}

// addresses reports whether the part is a list of addresses.
func (c comparison) addresses() bool {
	return c.key == "cc" || c.key == "bcc" || c.key == "to" && c.do == automation.DoForward
}

// texts are the texts of a part that is one text or a list of them.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		out := make([]string, len(v))
		for i, e := range v {
			out[i], _ = e.(string)
		}
		return out
	}
	return nil
}

// nobody names the first user or mailbox of the part that there is not, empty when
// all are there.
func (j *judging) nobody(c comparison, v any) string {
	kind := c.refers()
	if kind == "" {
		return ""
	}
	for _, name := range texts(v) {
		if !automation.StandsForPeople(name) && j.o.ID(kind, name) == "" {
			return kind + " " + match.Quote(name)
		}
	}
	return ""
}

// plain is a part in a form that compares: ids for users and mailboxes, clean tags
// in order, texts without space around them.
func (j *judging) plain(c comparison, v any) any {
	list := texts(v)
	switch kind := c.refers(); {
	case kind != "":
		for i, name := range list {
			if id := j.o.ID(kind, name); !automation.StandsForPeople(name) && id != "" {
				list[i] = id
			}
		}
		slices.Sort(list)
		return list
	case c.addresses():
		for i, address := range list {
			list[i] = strings.ToLower(address)
		}
		slices.Sort(list)
		return list
	case c.key == "tags":
		return cleanTags(list)
	case c.key == "field":
		return strings.ToLower(strings.Join(list, ""))
	case c.key == "method":
		return cmp.Or(strings.Join(list, ""), automation.DefaultMethod)
	}
	if s, ok := v.(string); ok {
		return strings.TrimSpace(s)
	}
	return v
}

// plainWords says what plain made of a part.
func (j *judging) plainWords(c comparison, v any) string {
	switch v := v.(type) {
	case string:
		return valueOrNone(v)
	case []string:
		switch {
		case c.key == "tags":
			return tagWords(v)
		case c.addresses():
			return cmp.Or(match.QuoteList(v), "none")
		}
		names := make([]string, len(v))
		for i, id := range v {
			names[i] = j.o.Address(c.refers(), id)
		}
		return match.QuoteList(names)
	case nil:
		return "none"
	default:
		return match.Shorten(automation.AsJSON(v), 200)
	}
}

// asked says an expected action in words.
func (j *judging) asked(e automation.ExpectedAction) string {
	a := e.Action
	if !a.Complete() {
		return match.Quote(a.Do) // there is not enough for a sentence
	}
	return match.Quote(a.Sentence(func(kind, id string) string { return j.o.Names.Of(kind, j.o.ID(kind, id)) }))
}

// outcomeWords says what became of the action: skipped (machine mail).
func (a observedAction) outcomeWords() string {
	if a.Reason == "" {
		return string(a.State)
	}
	return string(a.State) + " (" + a.Reason + ")"
}

// textsDiffer says where two texts part, with some of what stands around.
func textsDiffer(want, got string) string {
	if len(want)+len(got) < 160 {
		return "expected " + fullQuote(want) + ", got " + fullQuote(got)
	}
	w, g := []rune(want), []rune(got)
	n := 0
	for n < len(w) && n < len(g) && w[n] == g[n] {
		n++
	}
	from := n // the beginning of the line, or not far away
	for from > 0 && w[from-1] != '\n' {
		from--
	}
	for n-from > 40 || from > 0 && w[from-1] != '\n' && w[from-1] != ' ' && from < n {
		from++
	}
	around := func(text []rune) string {
		if from >= len(text) {
			return "nothing more"
		}
		return longQuote(string(text[from:]))
	}
	line := strings.Count(string(w[:n]), "\n") + 1
	return fmt.Sprintf("differs from line %d on: expected %s, got %s", line, around(w), around(g))
}

// fullQuote repeats a whole text on one line, as JSON writes it.
func fullQuote(s string) string { return automation.AsJSON(s) }

// longQuote is quote for more of a text.
func longQuote(s string) string { return `"` + match.Shorten(s, 120) + `"` }
