package automation

import (
	"strings"
	"testing"
)

// Each entry of the table of actions declares what others read of it. What is missing is
// missed by nobody else: checks, undo and confirmation would take it for nothing.
func TestActions_EachDeclaresItsEffects(t *testing.T) {
	t.Parallel()
	for _, do := range ActionNames() {
		e := Action{Do: do}.Effects()
		wrong := func(what string) { t.Errorf("%s: in its entry in automation/actions.go, %s", do, what) }
		if e.Event == "" {
			wrong("say which event it makes when it changes something: effects: changes(…), or Event: NoEvent")
		}
		if e.Again == "" {
			wrong("say what a second time does: Again: Settles, Replaces or Repeats")
		}
		if e.Reach == "" {
			wrong("say who sees of it what cannot be taken back: effects: sends(…), or Reach: ReachNobody")
		}
		switch e.Undo {
		case "":
			wrong("say how it is undone: Undo: UndoRestores, UndoCancels, UndoNothing, or UndoNever with the reason")
		case UndoRestores:
			if e.Event == NoEvent {
				wrong("give the event that an undo restores from, or another way to undo")
			}
		case UndoNever:
			if e.Stays == "" {
				wrong("say why it is never undone: Stays")
			}
		}
		if e.Undo != UndoNever && e.Stays != "" {
			wrong("Stays is why it is never undone, and it is")
		}
		if e.With != "" && e.Undo != UndoRestores {
			wrong("With is an event that an undo restores from, and it restores nothing")
		}
	}
}

// Each part says what it is to the readers of the API, once for all actions.
func TestActions_EachPartIsDescribed(t *testing.T) {
	t.Parallel()
	keys := map[string]*part{}
	for _, k := range actionKinds {
		if k.say == nil || strings.TrimSpace(k.say(Action{Do: k.do}, nil)) == "" {
			t.Errorf("%s says nothing: give its entry in automation/actions.go say", k.do)
		}
		for _, p := range k.parts() {
			if p.doc == "" || p.schema == nil {
				t.Errorf("%s of %s: give the part a doc and a schema in automation/parts.go", p.key, k.do)
			}
			if other := keys[p.slot]; other != nil && other.key != p.key {
				t.Errorf("%s and %s both fill %s: a field of Action has one key", other.key, p.key, p.slot)
			}
			keys[p.slot] = p
		}
	}
}

// What an action leaves is a condition that could be written, but for the mailbox.
func TestActions_WhatTheyLeaveAreConditions(t *testing.T) {
	t.Parallel()
	a := Action{Tags: []string{"a"}, Status: "closed", To: []string{"u1"}, Mailbox: "m1", Subject: "x"}
	some := 0
	for _, a.Do = range ActionNames() {
		for _, c := range a.Leaves() {
			some++
			if c.Field == AboutMailbox {
				continue
			}
			if _, bad := compileRow(c); len(bad) > 0 {
				t.Errorf("%s leaves %+v: %v", a.Do, c, bad)
			}
		}
	}
	if some == 0 {
		t.Error("no action leaves anything: this test would prove nothing")
	}
}

// Each kind of value is in the table, and its schema takes what it reads: see also the
// tests of the schemas in package docs.
func TestValues_EachKindIsInTheTable(t *testing.T) {
	t.Parallel()
	for i := range fields {
		f := &fields[i]
		kinds := []valueKind{f.from, f.to}
		for _, o := range f.ops {
			kinds = append(kinds, o.value)
		}
		for _, k := range kinds {
			if e := valueKinds[k]; e.name == "" || e.read == nil || e.schema == nil {
				t.Errorf("%s compares with a kind of value that is not whole: give it name, read and schema in automation/values.go", f.name)
			}
		}
	}
}

// Each condition says how checks read it; one about the event is read by its event.
func TestConditions_EachDeclaresHowItIsRead(t *testing.T) {
	t.Parallel()
	for _, f := range everyField() {
		if !f.event() && f.reads == "" {
			t.Errorf("%s: in its entry in automation/fields.go, say how checks read it: reads: ReadsAlone where they know no more than each "+
				"by itself", f.name)
		}
	}
}
