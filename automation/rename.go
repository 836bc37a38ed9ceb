package automation

import (
	"slices"

	"github.com/smarticks/smarticks/conversation"
)

// RenameTag returns the definition with another tag wherever it names one: in
// conditions, actions and tests. Patterns stay as they are. changed says whether it
// named it anywhere.
func (d Definition) RenameTag(name, to string) (renamed Definition, changed bool) {
	name = conversation.CleanTag(name)
	one := func(tag string) string {
		if conversation.CleanTag(tag) != name {
			return tag
		}
		changed = true
		return to
	}
	d = d.mapReferences(func(r Reference) string {
		if r.Kind != RefTag {
			return r.ID
		}
		return one(r.ID)
	})
	d.Tests = slices.Clone(d.Tests)
	for i := range d.Tests {
		d.Tests[i] = d.Tests[i].mapTags(one)
	}
	if !changed {
		return d, false
	}
	// What it was merged with may stand beside it.
	for g := range d.Conditions {
		for r := range d.Conditions[g].Any {
			c := &d.Conditions[g].Any[r]
			if list, ok := c.Value.([]any); ok && c.Field == "tags" {
				c.Value = onceEach(list)
			}
		}
	}
	for i := range d.Actions {
		d.Actions[i].Tags = onceEach(d.Actions[i].Tags)
	}
	return d, true
}

// mapTags returns the test with each tag that it names replaced.
func (t Test) mapTags(one func(string) string) Test {
	all := func(tags []string) []string {
		if tags == nil {
			return nil
		}
		out := make([]string, len(tags))
		for i, tag := range tags {
			out[i] = one(tag)
		}
		return onceEach(out)
	}
	t.Given.Tags, t.Expect.Tags = all(t.Given.Tags), all(t.Expect.Tags)
	t.When = slices.Clone(t.When)
	for i := range t.When {
		set := &t.When[i].Set
		set.Tags, set.AddTags, set.RemoveTags = all(set.Tags), all(set.AddTags), all(set.RemoveTags)
	}
	t.Expect.Actions = slices.Clone(t.Expect.Actions)
	for i := range t.Expect.Actions {
		t.Expect.Actions[i].Tags = all(t.Expect.Actions[i].Tags)
	}
	return t
}

// onceEach returns the list with each element once, where it first stands.
func onceEach[T comparable](list []T) []T {
	var out []T
	for _, e := range list {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}
