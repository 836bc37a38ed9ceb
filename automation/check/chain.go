package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
)

// step is an action of a workflow that sets another off.
type step struct {
	action int
	to     *subject
}

// steps returns what a run of w, which found the conversation in the state, sets
// off, and the state after it. What changes nothing sets nothing off.
func (s *set) steps(w *subject, in state) (steps []step, left state) {
	left = in
	if w.Mode == automation.ModeWatch {
		return nil, in // it only records what it would do
	}
	changed := make([]bool, len(w.active()))
	for i, a := range w.active() {
		e, made := a.Effects(), then(a)
		changed[i] = e.Event != automation.NoEvent && (e.Again == automation.Repeats || len(made) > 0 && !holds(left, made))
		left = left.put(made)
	}
	for i, a := range w.active() {
		if !changed[i] {
			continue
		}
		kind := a.Effects().Event
		for _, o := range s.list {
			if o.hears(kind, a, w, left) {
				steps = append(steps, step{i, o})
			}
		}
	}
	return steps, left
}

// holds reports whether all claims of the term are known to be so.
func holds(s state, t term) bool {
	for _, c := range t {
		if is, ok := c.in.(texts); ok {
			if known, ok := s[c.about].(texts); !ok || !slices.Contains(known.literals, is.literals[0]) {
				return false
			}
			continue
		}
		if w, ok := c.in.(words); !ok || s[c.about] == nil || !s[c.about].and(w.not()).empty() {
			return false
		}
	}
	return true
}

// hears reports whether o may run at the event that an action of w makes, in the
// state that w's run left.
func (s *subject) hears(kind conversation.Kind, a automation.Action, w *subject, left state) bool {
	where := w.MailboxID
	for _, b := range w.active() {
		if b.Effects().Event == conversation.KindMoved {
			where = conversation.MailboxID(b.Mailbox)
		}
	}
	if kind == conversation.KindMoved && a.Mailbox == string(w.MailboxID) {
		return false
	}
	if s.Mode == automation.ModeWatch || s.MailboxID != where || !s.sees(kind) {
		return false
	}
	return s.canHold(left.put(s.happening(kind, a, w)))
}

// happening returns what is known of the event that an action of w makes, as far
// as s asks for it.
func (s *subject) happening(kind conversation.Kind, a automation.Action, w *subject) term {
	t := append(term{
		{aboutEvent, words{list: []string{string(kind)}}},
		{aboutUser, words{list: []string{"no"}}},
	}, after[string(kind)]...)
	if to := a.Effects().To; to != nil {
		t = append(t, claim{aboutTo, words{list: to(a)}})
	}
	if kind == conversation.KindMoved {
		t = append(t, claim{aboutFrom, words{list: []string{string(w.MailboxID)}}})
	}
	for _, g := range s.groups {
		for _, r := range g.rows {
			op := map[string]string{"tag_added": "has_all", "tag_removed": "has_none"}[r.Field]
			if op == "" {
				continue
			}
			answer := "no"
			if tags := tagsLeft(a, op); len(tags) > 0 && (r.Value == nil || slices.Contains(tags, match.Fold(fmt.Sprint(r.Value)))) {
				answer = "yes"
			}
			t = append(t, claim{tagEvent(r.Condition), words{list: []string{answer}}})
		}
	}
	return t
}

// tagsLeft returns the tags of which the operator holds after the action, folded.
func tagsLeft(a automation.Action, op string) []string {
	for _, c := range a.Leaves() {
		if c.Field == "tags" && c.Op == op {
			return list(c.Value)
		}
	}
	return nil
}

// finds returns the state in which a run of the workflow finds a conversation
// that was left so: what its own conditions say is true of it as well.
func (s *subject) finds(left state) state {
	known := left.put(term{{aboutMailbox, words{list: []string{string(s.MailboxID)}}}})
	delete(known, aboutEvent)
	for _, g := range s.groups {
		if terms := g.yes(); len(terms) == 1 {
			if next, ok := known.with(terms[0]); ok {
				known = next
			}
		}
	}
	return known
}

// undoneByOther finds actions whose work another workflow always takes back at
// once.
func undoneByOther(set *set, w *subject, found func(path, message string, others ...*subject)) {
	told := map[string]bool{}
	for _, a := range set.list {
		if a != w && a.MailboxID != w.MailboxID {
			continue
		}
		steps, left := set.steps(a, a.finds(nil))
		for _, st := range steps {
			b := st.to
			if a == b || a != w && b != w {
				continue
			}
			did := a.active()[st.action]
			at := left.put(b.happening(did.Effects().Event, did, a))
			i := slices.IndexFunc(b.active(), func(x automation.Action) bool { return undoes(x, did) })
			if i < 0 || !b.mustHold(at) || handsOver(did, b) || set.setsOff(b, a, at) {
				continue
			}
			path, other, message := actionPath(st.action), b, "%s listens to this and takes it back at once, with its "+actionPath(i)
			if b == w {
				path, other, message = actionPath(i), a, "this takes back at once what %s does with its "+actionPath(st.action)
			}
			if !told[path+other.name()] {
				told[path+other.name()] = true
				found(path, fmt.Sprintf(message, other.name()), other)
			}
		}
	}
}

// setsOff reports whether a run of w in the state sets o off: the two are in a
// circle, which another check tells.
func (s *set) setsOff(w, o *subject, in state) bool {
	steps, _ := s.steps(w, w.finds(in))
	return slices.ContainsFunc(steps, func(st step) bool { return st.to == o })
}

// handsOver reports whether a tag is added for the other workflow to find, which
// takes it away.
func handsOver(did automation.Action, b *subject) bool {
	if did.Effects().Event == conversation.KindMoved {
		return true
	}
	added := tagsLeft(did, "has_all")
	for _, g := range b.groups {
		for _, r := range g.rows {
			if r.Field == "tags" && r.Op != "has_none" && r.Op != "matches" && slices.ContainsFunc(list(r.Value), func(t string) bool {
				return slices.Contains(added, t)
			}) {
				return true
			}
		}
	}
	return false
}

// loops finds workflows that set each other off in a circle.
func loops(set *set, w *subject, found func(path, message string, others ...*subject)) {
	if !w.automatic() {
		return
	}
	firsts, _ := set.steps(w, w.finds(nil))
	for _, first := range firsts {
		path := set.circle(w, first)
		if path == nil {
			continue
		}
		names := make([]string, len(path))
		for i, s := range path {
			names[i] = s.name()
		}
		found(actionPath(first.action), fmt.Sprintf("workflows set each other off in a circle: %s; %s", strings.Join(names, " > "),
			limit(path)), path...)
		return
	}
}

// limit says what ends a circle.
func limit(path []*subject) string {
	if len(path)-1 > conversation.MaxDepth {
		return fmt.Sprintf("it ends because a chain has at most %d runs", conversation.MaxDepth)
	}
	for _, s := range path {
		if s.Definition.MaxRuns == 1 {
			return "it ends because max_runs of " + s.name() + " is 1"
		}
	}
	return "it ends only because a workflow runs once for one event from outside"
}

// maxTried bounds how many runs the search for a circle follows.
const maxTried = 2000

// circle returns a way from w back to it, over the first step, that still changes
// something when it is gone a second time; nil when there is none.
func (s *set) circle(w *subject, first step) []*subject {
	tried := 0
	var walk func(path []*subject, in state) []*subject
	walk = func(path []*subject, in state) []*subject {
		at := path[len(path)-1]
		steps, left := s.steps(at, in)
		for _, st := range steps {
			if len(path) == 1 && st != first {
				continue
			}
			if tried++; tried > maxTried || len(path) > len(s.list) {
				return nil
			}
			if st.to == w {
				circle := append(slices.Clone(path), w)
				if s.again(circle, left) {
					return circle
				}
				continue
			}
			if slices.Contains(path, st.to) {
				continue
			}
			if found := walk(append(slices.Clone(path), st.to), st.to.finds(left)); found != nil {
				return found
			}
		}
		return nil
	}
	return walk([]*subject{w}, w.finds(nil))
}

// again reports whether the circle continues when it comes back to its first workflow
// in the state.
func (s *set) again(circle []*subject, in state) bool {
	for i, at := range circle[:len(circle)-1] {
		steps, left := s.steps(at, at.finds(in))
		j := slices.IndexFunc(steps, func(st step) bool { return st.to == circle[i+1] })
		if j < 0 {
			return false
		}
		in = left
	}
	return true
}
