package automation

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// actions holds what was done against what was to be done, in order. What came to
// nothing (skipped, unchanged, failed) counts where it is expected to.
func (j *judging) actions(want []ExpectedAction) {
	left := j.o.actions()
	for i, e := range want {
		at := "actions" + index(i)
		nothing := e.Outcome != "" && !(observedAction{ActionOutcome: ActionOutcome{State: e.Outcome}}).did()
		for len(left) > 0 && !left[0].did() && (!nothing || left[0].State != e.Outcome || left[0].Do != e.Do) {
			left = left[1:]
		}
		if len(left) == 0 {
			j.wrong(at, "expected "+j.asked(e)+", but "+j.insteadOf(e))
			return
		}
		if !j.action(at, e, left[0]) {
			return // what follows is only shifted
		}
		left = left[1:]
	}
	for _, a := range left {
		if a.did() {
			j.wrong("actions"+index(len(want)), "expected nothing more, but it also did: "+a.Sentence)
			return
		}
	}
}

// insteadOf says what became of an action that was not done.
func (j *judging) insteadOf(e ExpectedAction) string {
	if a, there := j.nothing(e.Do); there {
		return "that came to nothing: " + a.outcomeWords()
	}
	for _, r := range j.o.runs() {
		if r.State == RunLimited {
			return "a run did nothing, since its mail might not go: " + r.Reason
		}
	}
	if !slices.ContainsFunc(j.o.runs(), observedRun.happened) {
		return strings.Replace("it did not run. "+j.whyNot(), "run. "+didNotRun, "run: ", 1)
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
	return "all that it did is: " + shorten(strings.Join(did, "; "), 300)
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

// action holds one action against the one that is expected; false when it is
// another one.
func (j *judging) action(at string, e ExpectedAction, got observedAction) bool {
	switch {
	case e.Do != got.Do:
		instead := "what it did there is: " + got.Sentence
		if a, there := j.nothing(e.Do); there {
			instead = "that came to nothing: " + a.outcomeWords() + "; " + instead
		}
		j.wrong(at, "expected "+j.asked(e)+", but "+instead)
		return false
	case e.Outcome != "" && e.Outcome != got.State && (e.Outcome != ActionDone || !got.did()):
		j.wrong(at+".outcome", "expected "+string(e.Outcome)+", got "+got.outcomeWords())
		return true
	}
	kind := findAction(e.Do)
	for _, p := range kind.parts() {
		if !p.has(e.Action) {
			continue
		}
		j.part(joinPath(at, p.key), p, e.Action, got.as)
	}
	body := got.as.Body
	if got.as.JSON != nil {
		body = asJSON(got.as.JSON)
	}
	for i, text := range e.Contains {
		if !strings.Contains(Fold(body), Fold(text)) {
			j.wrong(at+".contains"+listed(e.Contains, i), "expected "+quote(text)+" in it, but it says "+longQuote(body))
		}
	}
	return true
}

// part holds one part of an action against the expected one.
func (j *judging) part(at string, p *part, want, got Action) {
	if who := j.nobody(p, want); who != "" {
		j.wrong(at, "there is no "+who)
		return
	}
	w, g := j.plain(p, want), j.plain(p, got)
	if reflect.DeepEqual(w, g) {
		return
	}
	wantText, isText := w.(string)
	gotText, both := g.(string)
	switch {
	case isText && both && (p == bodyPart || p == subjectPart || p == valuePart):
		j.wrong(at, textsDiffer(wantText, gotText))
	case p == treePart:
		path, first, second := firstDifference("", w, g)
		j.wrong(joinPath(at, path), "expected "+first+", got "+second)
	case p == urlPart || p == headersPart:
		// Who may read a test's outcome may not know the secrets.
		w, g = j.plain(p, want.withoutSecrets()), j.plain(p, got.withoutSecrets())
		if reflect.DeepEqual(w, g) {
			j.wrong(at, "is another one in what is kept secret: a header's value, or the query of the address")
			return
		}
		fallthrough
	default:
		j.wrong(at, "expected "+j.plainWords(p, w)+", got "+j.plainWords(p, g))
	}
}

// nobody names the first user or mailbox of the part that there is not, empty when
// all are there.
func (j *judging) nobody(p *part, a Action) string {
	kind, list := RefUser, a.To
	switch p {
	case toOnePart, toManyPart:
	case amongPart:
		list = a.Among
	case userPart:
		list = []string{a.User}
	case mailboxPart:
		kind, list = RefMailbox, []string{a.Mailbox}
	default:
		return ""
	}
	for _, name := range list {
		if !StandsForPeople(name) && j.o.ID(kind, name) == "" {
			return kind + " " + quote(name)
		}
	}
	return ""
}

// plain is a part in a form that compares: ids for users and mailboxes, clean tags
// in order, texts without space around them.
func (j *judging) plain(p *part, a Action) any {
	ids := func(kind string, list []string) any {
		out := make([]string, len(list))
		for i, name := range list {
			if out[i] = name; !StandsForPeople(name) {
				if id := j.o.ID(kind, name); id != "" {
					out[i] = id
				}
			}
		}
		slices.Sort(out)
		return out
	}
	switch p {
	case tagsPart:
		return cleanTags(a.Tags)
	case toOnePart, toManyPart:
		return ids(RefUser, a.To)
	case amongPart:
		return ids(RefUser, a.Among)
	case userPart:
		return ids(RefUser, []string{a.User})
	case mailboxPart:
		return ids(RefMailbox, []string{a.Mailbox})
	case fieldPart:
		return strings.ToLower(a.Field)
	case methodPart:
		return cmp.Or(a.Method, webhookMethods[0])
	case addressesPart, ccPart, bccPart:
		list, _ := p.write(a).([]any)
		out := make([]string, len(list))
		for i, address := range list {
			out[i] = strings.ToLower(address.(string))
		}
		slices.Sort(out)
		return out
	}
	switch v := p.write(a).(type) {
	case string:
		return strings.TrimSpace(v)
	default:
		return v
	}
}

// plainWords says what plain made of a part.
func (j *judging) plainWords(p *part, v any) string {
	switch v := v.(type) {
	case string:
		return valueOrNone(v)
	case []string:
		switch p {
		case tagsPart:
			return tagWords(v)
		case addressesPart, ccPart, bccPart:
			return cmp.Or(quoteList(v), "none")
		}
		kind := RefUser
		if p == mailboxPart {
			kind = RefMailbox
		}
		names := make([]string, len(v))
		for i, id := range v {
			names[i] = j.o.Address(kind, id)
		}
		return quoteList(names)
	case nil:
		return "none"
	default:
		return shorten(asJSON(v), 200)
	}
}

// asked says an expected action in words.
func (j *judging) asked(e ExpectedAction) string {
	a := e.Action
	if kind := findAction(a.Do); kind != nil && slices.ContainsFunc(kind.needs, func(p *part) bool { return !p.has(a) }) {
		return quote(a.Do) // there is not enough for a sentence
	}
	return quote(a.Sentence(func(kind, id string) string { return j.o.Names.of(kind, j.o.ID(kind, id)) }))
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
func fullQuote(s string) string { return asJSON(s) }

// longQuote is quote for more of a text.
func longQuote(s string) string { return `"` + shorten(s, 120) + `"` }

// firstDifference names the first place where two trees differ, and what stands
// there.
func firstDifference(path string, want, got any) (where, first, second string) {
	if w, ok := want.(map[string]any); ok {
		if g, ok := got.(map[string]any); ok {
			for _, k := range sortedKeys(w) {
				if !reflect.DeepEqual(w[k], g[k]) {
					return firstDifference(joinPath(path, key(k)), w[k], g[k])
				}
			}
			for _, k := range sortedKeys(g) {
				if _, there := w[k]; !there {
					return joinPath(path, key(k)), "nothing", treeWords(g[k])
				}
			}
		}
	}
	if w, ok := want.([]any); ok {
		if g, ok := got.([]any); ok && len(w) == len(g) {
			for i := range w {
				if !reflect.DeepEqual(w[i], g[i]) {
					return firstDifference(path+index(i), w[i], g[i])
				}
			}
		}
	}
	return path, treeWords(want), treeWords(got)
}

func treeWords(v any) string {
	if v == nil {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // both were read as JSON
	}
	return shorten(string(text), 200)
}
