package automation

import (
	"maps"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/errs"
)

// stepKind is one line of the catalogue of a test's steps.
type stepKind struct {
	do string
	// short is the key that is meant where a text stands instead of an object.
	short string
	keys  []string
	// say says the step in words.
	say func(TestStep) string
}

// stepKinds is the catalogue. It is never changed.
var stepKinds = []stepKind{
	{StepCustomerWrites, "body", []string{"body", "subject", "headers", "files"}, func(TestStep) string { return "the customer writes" }},
	{StepAgentReplies, "body", []string{"body", "by"}, func(TestStep) string { return "an agent replies" }},
	{StepNote, "body", []string{"body", "by"}, func(TestStep) string { return "an agent adds a note" }},
	{StepSet, "", changeKeys, func(s TestStep) string { return "somebody sets " + strings.Join(s.Set.keys(), ", ") }},
	{StepCustomerRates, "rating", []string{"rating", "comment"},
		func(s TestStep) string { return "the customer rates it " + strings.ReplaceAll(s.Rating, "_", " ") }},
	{StepCustomerViews, "", nil, func(TestStep) string { return "the customer sees the last reply" }},
	{StepRun, "", []string{"by"}, func(TestStep) string { return "an agent runs the workflow" }},
	{StepAfter, "after", nil, sayAfter},
}

func sayAfter(s TestStep) string {
	words := durationWords(s.After)
	if strings.HasPrefix(words, "1 ") {
		return words + " passes"
	}
	return words + " pass"
}

// changeKeys are those of a step that sets something.
var changeKeys = []string{"status", "state", "subject", "assignee", "mailbox", "tags", "add_tags", "remove_tags", "fields", "by"}

// messageKinds are the steps that are messages.
func messageKinds() []stepKind { return stepKinds[:3] }

func findStep(do string) *stepKind {
	for i := range stepKinds {
		if stepKinds[i].do == do {
			return &stepKinds[i]
		}
	}
	return nil
}

func stepNames(kinds []stepKind) []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.do
	}
	return names
}

// TestKeys lists the keys in which tests are written, each once.
func TestKeys() []string {
	keys := slices.Concat(givenKeys, givenCustomerKeys, givenMailboxKeys, []string{"ago"}, expectationKeys, expectedRunKeys,
		expectedActionKeys)
	for _, k := range stepKinds {
		keys = append(append(keys, k.do), k.keys...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Sentence says the step in words: the customer writes.
func (s TestStep) Sentence() string {
	if k := findStep(s.Do); k != nil {
		return k.say(s)
	}
	return match.Shorten(s.Do, match.QuotedLength)
}

// keys lists what is changed, by the keys in which it is written.
func (c TestChange) keys() []string {
	var keys []string
	tree := encodeChange(c)
	for _, k := range changeKeys {
		if _, there := tree[k]; there {
			keys = append(keys, strings.ReplaceAll(k, "_", " "))
		}
	}
	return keys
}

// step reads one step of the kinds.
func (d *decoder) step(v any, path string, kinds []stepKind) TestStep {
	var s TestStep
	names := stepNames(kinds)
	m, ok := v.(map[string]any)
	if !ok {
		d.wrong(path, "a step must be an object with one of the keys "+strings.Join(names, ", ")+", not "+typeWord(v))
		return s
	}
	known := names
	given := len(kinds) < len(stepKinds)
	if given {
		known = append(known, "ago")
	}
	d.members(m, path, known, nil, func(k string, v any) {
		at := JoinPath(path, k)
		switch {
		case k == "ago":
			s.Ago = d.text(v, at)
		case s.Do != "":
			d.wrong(at, "a step is one thing, and this one has "+s.Do+" already: make it a step of its own")
		default:
			s.Do = k
			d.stepOf(findStep(k), v, at, &s)
		}
	})
	if s.Do == "" && !d.toldWithin(path) {
		d.wrong(path, "a step needs one of the keys "+strings.Join(names, ", "))
	}
	return s
}

// stepOf reads what stands under a step's key.
func (d *decoder) stepOf(kind *stepKind, v any, path string, s *TestStep) {
	if text, ok := v.(string); ok && kind.short != "" {
		d.stepPart(kind.short, text, path, s)
		return
	}
	if yes, ok := v.(bool); ok && yes && (kind.do == StepRun || kind.do == StepCustomerViews) {
		return
	}
	m, ok := v.(map[string]any)
	switch {
	case kind.do == StepAfter:
		d.wrong(path, "must be a duration, not "+typeWord(v)+": "+durationForms)
		return
	case kind.do == StepCustomerViews:
		d.wrong(path, "must be true: that is all there is to it")
		return
	case !ok && kind.do == StepRun:
		d.wrong(path, `must be true, or an object with the key "by"`)
		return
	case !ok && kind.short != "":
		d.wrong(path, "must be a text, or an object with the keys "+strings.Join(kind.keys, ", ")+", not "+typeWord(v))
		return
	case !ok:
		d.wrong(path, "must be an object with some of the keys "+strings.Join(kind.keys, ", ")+", not "+typeWord(v))
		return
	}
	d.members(m, path, kind.keys, nil, func(k string, v any) { d.stepPart(k, v, JoinPath(path, k), s) })
}

// stepPart reads one key of a step.
func (d *decoder) stepPart(k string, v any, at string, s *TestStep) {
	setting := s.Do == StepSet
	switch k {
	case "body":
		s.Body = d.text(v, at)
	case "headers":
		s.Headers = d.headers(v, at)
	case "files":
		s.Files = d.texts(v, at)
	case "by":
		s.By = d.text(v, at)
	case "rating":
		s.Rating = d.text(v, at)
	case "comment":
		s.Comment = d.text(v, at)
	case "after":
		s.After = d.text(v, at)
	case "subject":
		if setting {
			s.Set.Subject = d.text(v, at)
		} else {
			s.Subject = d.text(v, at)
		}
	case "status":
		s.Set.Status = d.text(v, at)
	case "state":
		s.Set.State = d.text(v, at)
	case "assignee":
		s.Set.Assignee = d.text(v, at)
	case "mailbox":
		s.Set.Mailbox = d.text(v, at)
	case "tags":
		s.Set.Tags = d.texts(v, at)
	case "add_tags":
		s.Set.AddTags = d.texts(v, at)
	case "remove_tags":
		s.Set.RemoveTags = d.texts(v, at)
	case "fields":
		s.Set.Fields = d.fieldValues(v, at)
	}
}

// object reads an object; what is none is an empty one, and told.
func (d *decoder) object(v any, path string) map[string]any {
	m, ok := v.(map[string]any)
	if !ok {
		d.wrong(path, "must be an object, not "+typeWord(v))
	}
	return m
}

// texts reads a list of texts, or one text; it is never nil.
func (d *decoder) texts(v any, path string) []string {
	out := []string{}
	d.bad = append(d.bad, PathUnder(path, readStrings(v, &out))...)
	return out
}

func (d *decoder) headers(v any, path string) map[string]string {
	var a Action
	d.bad = append(d.bad, PathUnder(path, readHeaders(&a, v))...)
	return a.Headers
}

// fieldValues reads the values of custom fields; it is never nil.
func (d *decoder) fieldValues(v any, path string) map[string]string {
	out := map[string]string{}
	m := d.object(v, path)
	if problem := tooMany(len(m), maxListed, "fields"); problem != "" {
		d.wrong(path, problem)
		return out
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		var a Action
		d.bad = append(d.bad, PathUnder(JoinPath(path, PathKey(name)), readFieldPart(&a, m[name]))...)
		out[name] = a.Value
	}
	return out
}

// toldWithin reports whether there is a problem within the path already.
func (d *decoder) toldWithin(path string) bool {
	return slices.ContainsFunc(d.bad, func(p errs.Problem) bool { return within(p.Path, path) })
}
