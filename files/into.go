package files

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/errs"
)

// Into changes files so that they say what a mailbox has: workflows as the API
// gives them. What they say already is not touched, byte for byte; a workflow that
// differs is written again where it stands, with its comments; one that the mailbox
// does not have goes, with the comment above it; new ones are put at the end of the
// mailbox's last list, or into a file of its own.
//
// It returns the files that change; one without a text is to be deleted. ordered is
// false when the files have the workflows in another order than the mailbox and
// are several, so that only their names can tell.
//
// Errors: Problems (the files cannot be read).
func Into(sources []Source, mailbox string, workflows []map[string]any) (changed []Source, ordered bool, err error) {
	set, err := Read(sources)
	if err != nil {
		return nil, false, err
	}
	e := &editing{wanted: map[string]map[string]any{}, old: map[string]Workflow{}}
	for _, w := range workflows {
		name, _ := w["name"].(string)
		e.wanted[plan.NameKey(name)] = w
		e.order = append(e.order, plan.NameKey(name))
	}
	for _, m := range set.Mailboxes {
		if strings.EqualFold(m.Address, mailbox) {
			for _, w := range m.Workflows {
				e.old[plan.NameKey(w.Name())] = w
			}
		}
	}
	var lists []*listFile
	for _, s := range sources {
		f, _ := parse(s)
		if len(f.workflows) == 0 || !strings.EqualFold(f.mailbox, mailbox) {
			continue
		}
		if f.workflows[0].place.path == "" {
			text, err := e.alone(s, f)
			if err != nil {
				return nil, false, err
			}
			changed = appendChanged(changed, s, text)
			continue
		}
		l, err := cutList(s, f)
		if err != nil {
			return nil, false, err
		}
		if err := e.list(l); err != nil {
			return nil, false, err
		}
		lists = append(lists, l)
	}
	if more, err := e.missing(mailbox, sources, lists); err != nil {
		return nil, false, err
	} else if more != nil {
		changed = append(changed, *more)
	}
	if len(lists) == 1 {
		lists[0].sort(e.order)
	}
	for _, l := range lists {
		changed = appendChanged(changed, l.source, l.text())
	}
	ordered, err = e.says(after(sources, changed), mailbox)
	return changed, ordered, err
}

// editing is what a mailbox has and what the files say of it, by the keys of names.
type editing struct {
	wanted map[string]map[string]any
	old    map[string]Workflow // templates put in
	order  []string
}

// same reports whether two trees are the same workflow.
func same(a, b map[string]any) bool {
	return reflect.DeepEqual(normal(a), normal(b))
}

// normal is a tree without what would say a default.
func normal(tree map[string]any) map[string]any {
	d, _ := automation.Decode(any(tree), "mode")
	out := automation.Encode(d)
	if out["mode"] = tree["mode"]; out["mode"] == nil {
		out["mode"] = "on"
	}
	return out
}

// alone is the new text of a file that is one workflow; nil: it is to be deleted.
func (e *editing) alone(s Source, f *file) ([]byte, error) {
	key := plan.NameKey(f.workflows[0].Name())
	want, there := e.wanted[key]
	switch {
	case !there && f.templates != nil:
		return nil, errs.New("files.Into", errs.Invalid,
			s.Name+": the workflow is not there any more, but the file has templates too: move them to another file first")
	case !there:
		return nil, nil
	case same(want, e.old[key].Tree):
		return s.Text, nil
	}
	return rewrite(s.Text, e.old[key].Tree, want)
}

// list brings the blocks of a list up to date.
func (e *editing) list(l *listFile) error {
	for i := len(l.blocks) - 1; i >= 0; i-- {
		b := &l.blocks[i]
		want, there := e.wanted[b.key]
		switch {
		case !there:
			l.blocks = slices.Delete(l.blocks, i, i+1)
		case !same(want, e.old[b.key].Tree):
			if err := b.rewrite(e.old[b.key].Tree, want); err != nil {
				return err
			}
		}
	}
	return nil
}

// missing puts what no file has at the end of the last list, or returns a file of
// its own.
func (e *editing) missing(mailbox string, sources []Source, lists []*listFile) (*Source, error) {
	var fresh []map[string]any
	for _, key := range e.order {
		if _, there := e.old[key]; !there {
			fresh = append(fresh, e.wanted[key])
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	for _, l := range slices.Backward(lists) {
		if len(l.blocks) > 0 {
			return nil, l.add(fresh)
		}
	}
	name := mailbox + ".yaml"
	if slices.ContainsFunc(sources, func(s Source) bool { return s.Name == name }) {
		return nil, errs.New("files.Into", errs.Invalid, name+" has no list of this mailbox to put workflows into: give it another name")
	}
	text, err := Write(mailbox, fresh)
	return &Source{Name: name, Text: text}, err
}

// says compares the files as they will be with what is wanted: nothing is written
// that does not say it.
func (e *editing) says(sources []Source, mailbox string) (ordered bool, err error) {
	set, err := Read(sources)
	if err != nil {
		return false, err
	}
	var order []string
	for _, m := range set.Mailboxes {
		if !strings.EqualFold(m.Address, mailbox) {
			continue
		}
		for _, w := range m.Workflows {
			key := plan.NameKey(w.Name())
			order = append(order, key)
			if !same(e.wanted[key], w.Tree) {
				return false, errs.New("files.Into", errs.Internal,
					fmt.Sprintf("the workflow %q cannot be written into its file: change it by hand", w.Name()))
			}
		}
	}
	if len(order) != len(e.order) {
		return false, errs.New("files.Into", errs.Internal, "the files cannot be changed to what the mailbox has")
	}
	return slices.Equal(order, e.order), nil
}

func appendChanged(changed []Source, s Source, text []byte) []Source {
	if string(text) == string(s.Text) {
		return changed
	}
	return append(changed, Source{Name: s.Name, Text: text})
}

// after is the files after a change.
func after(sources, changed []Source) []Source {
	var out []Source
	for _, s := range slices.Concat(sources, changed) {
		i := slices.IndexFunc(changed, func(c Source) bool { return c.Name == s.Name })
		switch {
		case i < 0:
			out = append(out, s)
		case len(changed[i].Text) > 0 && !slices.ContainsFunc(out, func(o Source) bool { return o.Name == s.Name }):
			out = append(out, changed[i])
		}
	}
	return out
}
