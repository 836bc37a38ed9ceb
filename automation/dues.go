package automation

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Dues returns, for each date condition whose episode is not used up, the instant at
// which the workflow is due because of that condition if nothing else happens: the
// first one at which both the condition and all the conditions are true. Where they are
// true at Now already, it is the instant at which they became so, which is past.
// A time that came and went before Now is not due any longer. An instant that many
// conversations share is moved later by the due's Spread.
//
// If nothing else happens means: the conversation stays as it is, and there is no
// event and no message of an event, so that event conditions are false and bodies are
// those of f.Recent. The dues are in the order of their instants, then of the
// conditions. There are none for a manual workflow, when its runs are used up, or when
// it does not look at the conversation. DefinitionID and VersionID are the
// caller's to fill in.
//
// Calendar conditions count from nothing and are due at no time; they move the due time
// of a date condition later, by up to calendarHorizon: what does not come true by then
// is taken to come true at no time, until something happens.
func (p *Program) Dues(f conversation.Facts, used Used) []Due {
	if !p.HasDates() || used.Runs >= p.definition.MaxRuns || !p.LooksAt(f.Conversation) {
		return nil
	}
	still := p.stillLife(f)
	near, far := still.boundaries(p, calendarStep), []time.Time(nil)
	var dues []Due
	for _, r := range p.times {
		episode := r.episode(&f)
		if episode == "" || used.Episodes[episode] {
			continue
		}
		is := func(t time.Time) bool { return still.true(p, r, t) }
		instants := near
		at, ok := firstTrue(instants, f.Now, is)
		if p.narrowed() && (!ok || at.After(f.Now.Add(calendarStep))) {
			if far == nil {
				far = still.boundaries(p, calendarHorizon)
			}
			instants = far
			at, ok = firstTrue(instants, f.Now, is)
		}
		if ok {
			by := still.spread(p, at, instants, is)
			dues = append(dues, Due{Row: r.path, Episode: episode, At: at.Add(by), Spread: by})
		}
	}
	slices.SortStableFunc(dues, func(a, b Due) int { return a.At.Compare(b.At) })
	return dues
}

// NextDue returns the first of the Dues.
func (p *Program) NextDue(f conversation.Facts, used Used) (Due, bool) {
	dues := p.Dues(f, used)
	if len(dues) == 0 {
		return Due{}, false
	}
	return dues[0], true
}

// EpisodesAt returns the episodes that a run at f.Now uses up: those of the date
// conditions that are true then, whether an event or time led to the run.
func (p *Program) EpisodesAt(f conversation.Facts) []string {
	var episodes []string
	for _, r := range p.times {
		if r.time.at(&f, f.Now) != True {
			continue
		}
		if e := r.episode(&f); e != "" && !slices.Contains(episodes, e) {
			episodes = append(episodes, e)
		}
	}
	return episodes
}

// EpisodeUsed reports whether a run at f.Now would be a second one for the same
// episodes: there are date conditions that are true, and all of theirs are used up.
// An event that makes such a workflow a candidate does not let it run.
func (p *Program) EpisodeUsed(f conversation.Facts, used Used) bool {
	episodes := p.EpisodesAt(f)
	return len(episodes) > 0 && !slices.ContainsFunc(episodes, func(e string) bool { return !used.Episodes[e] })
}

// stillLife is a conversation to which nothing happens: only time conditions change.
type stillLife struct {
	facts conversation.Facts
	rest  []Truth                 // per group, all its conditions but the time conditions
	at    []func(time.Time) Truth // per time condition
	index map[*row]int            // of a time condition in at
}

func (p *Program) stillLife(f conversation.Facts) stillLife {
	f.Event, f.Message = nil, nil
	prepared := Prepare(f)
	s := stillLife{facts: f, rest: make([]Truth, len(p.groups)), index: make(map[*row]int, len(p.times))}
	for i, g := range p.groups {
		s.rest[i] = False
		for _, r := range g.rows {
			if r.time == nil {
				s.rest[i] = or(s.rest[i], r.holds(prepared))
			}
		}
	}
	for i, r := range p.times {
		s.index[r] = i
		if settled, ok := r.time.(settledRow); ok {
			s.at = append(s.at, settled.settle(&s.facts))
			continue
		}
		s.at = append(s.at, func(now time.Time) Truth { return r.time.at(&s.facts, now) })
	}
	return s
}

// true reports whether the condition and all the conditions are true at an instant.
func (s stillLife) true(p *Program, r *row, at time.Time) bool {
	return s.at[s.index[r]](at) == True && s.all(p, at, func(i int) Truth { return s.at[i](at) })
}

// possible reports whether the conditions might be true at an instant if the clock
// showed what calendar conditions ask for.
func (s stillLife) possible(p *Program, at time.Time) bool {
	return s.all(p, at, func(i int) Truth {
		if p.times[i].narrows() {
			return True
		}
		return s.at[i](at)
	})
}

func (s stillLife) all(p *Program, at time.Time, row func(int) Truth) bool {
	holds := slices.Clone(s.rest)
	for i, t := range p.times {
		if holds[t.group] != True {
			holds[t.group] = or(holds[t.group], row(i))
		}
	}
	return !slices.ContainsFunc(holds, func(t Truth) bool { return t != True })
}

// How far calendar conditions are looked at: back from Now, and onward from each
// instant at which a date condition changes. Most come true within days: calendarStep is
// looked at first.
const (
	calendarBack    = 8 * 24 * time.Hour
	calendarStep    = 8 * 24 * time.Hour
	calendarHorizon = 60 * 24 * time.Hour
)

// narrowed reports whether there are calendar conditions.
func (p *Program) narrowed() bool { return slices.ContainsFunc(p.times, (*row).narrows) }

// boundaries returns the instants at which a time condition may change. Between two of
// them nothing does. Those of calendar conditions are returned only for the stretches between
// date conditions' instants in which they matter, and for so long from the beginning of each.
func (s stillLife) boundaries(p *Program, horizon time.Duration) []time.Time {
	now := s.facts.Now
	dates := []time.Time{}
	for _, r := range p.times {
		if !r.narrows() {
			dates = append(dates, r.time.boundaries(&s.facts, now, now)...)
		}
	}
	dates = inOrder(dates)
	if !p.narrowed() {
		return dates
	}
	instants := slices.Clone(dates)
	for i, from := range dates {
		begin, end := later(from, now.Add(-calendarBack)), later(from, now).Add(horizon)
		if i+1 < len(dates) && dates[i+1].Before(end) {
			end = dates[i+1]
		}
		if !begin.Before(end) || !s.possible(p, from) {
			continue
		}
		for _, r := range p.times {
			if r.narrows() {
				instants = append(instants, r.time.boundaries(&s.facts, begin, end)...)
			}
		}
	}
	return inOrder(instants)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func inOrder(instants []time.Time) []time.Time {
	slices.SortFunc(instants, time.Time.Compare)
	return slices.CompactFunc(instants, time.Time.Equal)
}

// firstTrue finds when what is true between instants is so from now on: the
// beginning of the stretch that holds now, else the first one after it.
func firstTrue(instants []time.Time, now time.Time, is func(time.Time) bool) (time.Time, bool) {
	after, _ := slices.BinarySearchFunc(instants, now, func(t, now time.Time) int {
		return cmp.Or(t.Compare(now), -1) // the stretch that begins now holds now
	})
	if i := after - 1; i >= 0 && is(instants[i]) {
		for i > 0 && is(instants[i-1]) {
			i--
		}
		return instants[i], true
	}
	for _, t := range instants[after:] {
		if is(t) {
			return t, true
		}
	}
	return time.Time{}, false
}

// MayBeDueEarlier reports whether a conversation that waits may be due earlier by the
// definition after than by the one before: by a new or shorter date condition, or by
// anything else that the conditions demand less of. When in doubt it is true. Before
// nil means that there was none in force.
func MayBeDueEarlier(before *Definition, after Definition) bool {
	p, _ := Compile(after)
	if p == nil || !p.HasDates() {
		return false
	}
	if before == nil || after.MaxRuns > before.MaxRuns || after.ApplyToEarlier && !before.ApplyToEarlier ||
		after.TooLateAfter != before.TooLateAfter || len(before.Conditions) != len(after.Conditions) {
		return true
	}
	for g := range after.Conditions {
		if len(before.Conditions[g].Any) != len(after.Conditions[g].Any) {
			return true
		}
		for r := range after.Conditions[g].Any {
			was, is := before.Conditions[g].Any[r], after.Conditions[g].Any[r]
			if !reflect.DeepEqual(was, is) && !longer(was, is) {
				return true
			}
		}
	}
	return false
}

// longer reports whether a condition only asks for more time to pass than it did.
func longer(was, is Condition) bool {
	if was.Field != is.Field || was.Op != is.Op || is.Op != "longer_than" && is.Op != "not_in_the_last" {
		return false
	}
	before, isText := was.Value.(string)
	after, areTexts := is.Value.(string)
	if !isText || !areTexts {
		return false
	}
	from, wrong := ParseSpan(before)
	to, alsoWrong := ParseSpan(after)
	return wrong == "" && alsoWrong == "" && from.Business == to.Business && from.BusinessDays <= to.BusinessDays &&
		(from.BusinessDays > 0) == (to.BusinessDays > 0) && from.Clock <= to.Clock
}
