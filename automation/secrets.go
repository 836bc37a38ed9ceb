package automation

import (
	"maps"
	"slices"
	"strings"
)

// Hidden stands where a secret is: the value of a webhook's header, and the query of
// its address, which is where keys are put.
const Hidden = "(hidden)"

// WithoutSecrets returns d with Hidden in the place of its secrets, for who may read
// it and not change it.
func (d Definition) WithoutSecrets() Definition {
	return d.mapWebhooks(func(_ int, a *Action) { *a = a.WithoutSecrets() })
}

// WithSecretsOf returns d with the secrets of old where it says Hidden: of a webhook of
// the same address or endpoint, so that no secret goes anywhere else. What is not
// found stays hidden, which Compile refuses.
func (d Definition) WithSecretsOf(old Definition) Definition {
	var known []Action
	old.mapWebhooks(func(_ int, a *Action) { known = append(known, *a) })
	return d.mapWebhooks(func(i int, a *Action) {
		from := known
		if i >= 0 && i < len(old.Actions) {
			from = append([]Action{old.Actions[i]}, known...) // the one that stood there first
		}
		for _, k := range from {
			if sameTarget(*a, k) {
				a.takeSecrets(k)
			}
		}
	})
}

// mapWebhooks returns a copy of d in which do has changed the webhooks: its actions,
// by their place, and those that its tests expect, with -1.
func (d Definition) mapWebhooks(do func(int, *Action)) Definition {
	d.Actions = slices.Clone(d.Actions)
	for i := range d.Actions {
		if d.Actions[i].Do == DoWebhook {
			do(i, &d.Actions[i])
		}
	}
	d.Tests = slices.Clone(d.Tests)
	for t := range d.Tests {
		e := &d.Tests[t].Expect
		if e.Actions != nil { // none is something to expect too
			e.Actions = append([]ExpectedAction{}, e.Actions...)
		}
		for i := range e.Actions {
			if e.Actions[i].Do == DoWebhook {
				do(-1, &e.Actions[i].Action)
			}
		}
	}
	return d
}

func (a Action) WithoutSecrets() Action {
	if address, _, found := strings.Cut(a.URL, "?"); found {
		a.URL = address + "?" + Hidden
	}
	a.Headers = maps.Clone(a.Headers)
	for name := range a.Headers {
		a.Headers[name] = Hidden
	}
	return a
}

// sameTarget reports whether both call the same, whatever the query.
func sameTarget(a, b Action) bool {
	here, _, _ := strings.Cut(a.URL, "?")
	there, _, _ := strings.Cut(b.URL, "?")
	return here == there && a.Endpoint == b.Endpoint
}

func (a *Action) takeSecrets(from Action) {
	if _, query, found := strings.Cut(from.URL, "?"); found && hidesQuery(a.URL) {
		address, _, _ := strings.Cut(a.URL, "?")
		a.URL = address + "?" + query
	}
	a.Headers = maps.Clone(a.Headers)
	for name, value := range a.Headers {
		for same, secret := range from.Headers {
			if value == Hidden && strings.EqualFold(name, same) {
				a.Headers[name] = secret
			}
		}
	}
}

// hidesQuery reports whether the address says Hidden in the place of its query.
func hidesQuery(address string) bool {
	_, query, _ := strings.Cut(address, "?")
	return query == Hidden
}

// stillHidden is what is wrong with a secret that nobody knows.
const stillHidden = `is hidden: give the value (only a webhook of the same address that this workflow has already keeps what it has)`
