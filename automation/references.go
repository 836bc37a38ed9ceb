package automation

import (
	"strings"

	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/errs"
)

// Reference is something that a definition names and that must exist for it to
// work: a user, a mailbox (by id, or by address before Resolve), a tag, a custom
// field or a webhook endpoint (by name).
type Reference struct {
	Kind string // RefUser, RefMailbox, RefTag, RefField, RefEndpoint
	ID   string
	Path string // where it is named
}

// References lists what the program names, in the order of the definition.
func (p *Program) References() []Reference { return p.definition.References() }

// References lists what d names, in the order of the definition.
func (d Definition) References() []Reference {
	var list []Reference
	d.mapReferences(func(r Reference) string {
		list = append(list, r)
		return r.ID
	})
	return list
}

// Resolve returns d with the addresses of users and mailboxes (what has an @ in
// it) replaced by their ids, which lookup returns for a kind (RefUser,
// RefMailbox) and an address. What lookup does not know is a problem.
func (d Definition) Resolve(lookup func(kind, name string) (id string, ok bool)) (Definition, []errs.Problem) {
	var bad []errs.Problem
	resolved := d.mapReferences(func(r Reference) string {
		if r.Kind == RefTag || r.Kind == RefField || r.Kind == RefFolder || r.Kind == RefEndpoint || !strings.Contains(r.ID, "@") {
			return r.ID
		}
		id, ok := lookup(r.Kind, r.ID)
		if !ok {
			bad = append(bad, errs.Problem{Path: r.Path, Message: "there is no " + r.Kind + " with the address " + match.Quote(r.ID)})
			return r.ID
		}
		return id
	})
	return resolved, bad
}

// Named is the inverse of Resolve: it returns d with the ids of users and mailboxes
// replaced by what address returns for a kind and an id. Where that is empty, the
// id stays.
func (d Definition) Named(address func(kind, id string) string) Definition {
	return d.mapReferences(func(r Reference) string {
		if r.Kind != RefUser && r.Kind != RefMailbox {
			return r.ID
		}
		if name := address(r.Kind, r.ID); name != "" {
			return name
		}
		return r.ID
	})
}

// mapReferences returns a copy of d in which each reference is what visit
// returns for it.
func (d Definition) mapReferences(visit func(Reference) string) Definition {
	d = clone(d)
	for g := range d.Conditions {
		for r := range d.Conditions[g].Any {
			mapCondition(&d.Conditions[g].Any[r], "conditions"+PathIndex(g)+".any"+PathIndex(r), visit)
		}
	}
	for i := range d.Actions {
		mapAction(&d.Actions[i], "actions"+PathIndex(i), visit)
	}
	return d
}

func mapCondition(c *Condition, path string, visit func(Reference) string) {
	f, o, ok := lookUp(*c)
	if !ok {
		return
	}
	if name, ok := customName(c.Field); ok {
		visit(Reference{Kind: RefField, ID: name, Path: path + ".field"})
	}
	if kind := valueKinds[o.value].refers; kind != "" {
		switch v := c.Value.(type) {
		case string:
			if v != "" && (kind != RefUser || v != Unassigned) {
				c.Value = visit(Reference{Kind: kind, ID: v, Path: path + ".value"})
			}
		case []any:
			for i, e := range v {
				if s, ok := e.(string); ok {
					v[i] = visit(Reference{Kind: kind, ID: s, Path: path + ".value" + PathIndex(i)})
				}
			}
		}
	}
	mapEnd(f.from, &c.From, path+".from", visit)
	mapEnd(f.to, &c.To, path+".to", visit)
}

// mapEnd visits what a condition's from or to refers to.
func mapEnd(kind valueKind, end *string, path string, visit func(Reference) string) {
	refers := valueKinds[kind].refers
	if *end == "" || refers == "" || refers == RefUser && *end == Unassigned {
		return
	}
	*end = visit(Reference{Kind: refers, ID: *end, Path: path})
}

func mapUsers(list []string, path string, visit func(Reference) string) {
	for i, user := range list {
		if StandsForPeople(user) {
			continue
		}
		at := path
		if len(list) > 1 {
			at += PathIndex(i)
		}
		list[i] = visit(Reference{Kind: RefUser, ID: user, Path: at})
	}
}

func mapAction(a *Action, path string, visit func(Reference) string) {
	for i, tag := range a.Tags {
		a.Tags[i] = visit(Reference{Kind: RefTag, ID: tag, Path: path + ".tags" + PathIndex(i)})
	}
	if k := findAction(a.Do); k == nil || k.part("to") != addressesPart {
		mapUsers(a.To, path+".to", visit)
	}
	mapUsers(a.Among, path+".among", visit)
	if !StandsForPeople(a.User) {
		a.User = visit(Reference{Kind: RefUser, ID: a.User, Path: path + ".user"})
	}
	if a.Endpoint != "" {
		a.Endpoint = visit(Reference{Kind: RefEndpoint, ID: a.Endpoint, Path: path + ".endpoint"})
	}
	if a.Field != "" {
		a.Field = visit(Reference{Kind: RefField, ID: a.Field, Path: path + ".field"})
	}
	visitVariables(a.Subject, path+".subject", visit)
	visitVariables(a.Body, path+".body", visit)
	visitVariables(a.Value, path+".value", visit)
	visitTree(a.JSON, path+".body", visit)
	if a.Mailbox != "" {
		a.Mailbox = visit(Reference{Kind: RefMailbox, ID: a.Mailbox, Path: path + ".mailbox"})
	}
}

// visitVariables visits the custom fields that a template names. They stay as they
// are: a field's name never changes.
func visitVariables(template, path string, visit func(Reference) string) {
	for rest := template; ; {
		_, inside, after, ok := nextVariable(rest)
		if !ok {
			return
		}
		name, _, _ := strings.Cut(inside, ",")
		if field, ok := customName(strings.TrimSpace(name)); ok {
			visit(Reference{Kind: RefField, ID: field, Path: path})
		}
		rest = after
	}
}

// visitTree does the same with the strings of a webhook's body.
func visitTree(tree any, path string, visit func(Reference) string) {
	switch v := tree.(type) {
	case string:
		visitVariables(v, path, visit)
	case []any:
		for i, e := range v {
			visitTree(e, path+PathIndex(i), visit)
		}
	case map[string]any:
		for _, k := range SortedKeys(v) {
			visitTree(v[k], JoinPath(path, PathKey(k)), visit)
		}
	}
}
