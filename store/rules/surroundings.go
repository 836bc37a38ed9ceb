package rules

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/check"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// surroundings is what drafts of a mailbox are compared with: what they name of
// users, mailboxes and endpoints, and what the mailbox has. It is read at once for
// any number of drafts.
type surroundings struct {
	who       access.Caller
	mailbox   conversation.MailboxID
	ids       map[reference]string // by address
	known     map[reference]string // addresses by id
	endpoints map[string]bool      // by key
	world     automation.World
}

// reference is something that a draft names: its kind, and an id or an address.
type reference struct{ kind, key string }

// readSurroundings reads what the drafts name.
func readSurroundings(ctx context.Context, tx pgx.Tx, who access.Caller, mailbox conversation.MailboxID,
	drafts ...automation.Definition) (*surroundings, error) {
	s := &surroundings{who: who, mailbox: mailbox, ids: map[reference]string{}, known: map[reference]string{}, endpoints: map[string]bool{}}
	ids, addresses, endpoints := map[string][]string{}, map[string][]string{}, []string{}
	for _, d := range drafts {
		for _, r := range d.References() {
			switch {
			case r.Kind == automation.RefEndpoint:
				endpoints = append(endpoints, conversation.EndpointKey(r.ID))
			case r.Kind != automation.RefUser && r.Kind != automation.RefMailbox:
			case pg.IsID(r.ID):
				ids[r.Kind] = append(ids[r.Kind], r.ID)
			case strings.Contains(r.ID, "@"):
				addresses[r.Kind] = append(addresses[r.Kind], conversation.AddressKey(r.ID))
			}
		}
	}
	if err := s.readNamed(ctx, tx, ids, addresses); err != nil {
		return nil, err
	}
	if err := s.readEndpoints(ctx, tx, endpoints); err != nil {
		return nil, err
	}
	var err error
	s.world, err = engine.ReadWorld(ctx, tx, mailbox)
	return s, err
}

func (s *surroundings) readNamed(ctx context.Context, tx pgx.Tx, ids, addresses map[string][]string) error {
	if len(ids) == 0 && len(addresses) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `
		SELECT 'user', id::text, email, email_key FROM users WHERE id = ANY ($1::uuid[]) OR email_key = ANY ($2::text[])
		UNION ALL SELECT 'mailbox', mb.id::text, mb.email, coalesce(a.email_key, mb.email_key) FROM mailboxes mb
			LEFT JOIN mailbox_addresses a ON a.mailbox_id = mb.id AND a.email_key = ANY ($4::text[])
			WHERE mb.id = ANY ($3::uuid[]) OR a.email_key IS NOT NULL`,
		ids[automation.RefUser], addresses[automation.RefUser], ids[automation.RefMailbox], addresses[automation.RefMailbox])
	if err != nil {
		return err
	}
	var kind, id, email, key string
	_, err = pgx.ForEachRow(rows, []any{&kind, &id, &email, &key}, func() error {
		s.ids[reference{kind, key}], s.known[reference{kind, id}] = id, email
		return nil
	})
	return err
}

func (s *surroundings) readEndpoints(ctx context.Context, tx pgx.Tx, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT name_key FROM endpoints WHERE name_key = ANY ($1) AND (mailbox_id IS NULL OR mailbox_id = $2)`, keys,
		s.mailbox)
	if err != nil {
		return err
	}
	var key string
	_, err = pgx.ForEachRow(rows, []any{&key}, func() error { s.endpoints[key] = true; return nil })
	return err
}

// check puts ids in the place of addresses, compiles the draft and looks whether
// the users, mailboxes and webhook endpoints that it names exist, and whether it
// fits what its mailbox has.
func (s *surroundings) check(draft automation.Definition) check.Report {
	draft, unresolved := draft.Resolve(func(kind, address string) (string, bool) {
		id := s.ids[reference{kind, conversation.AddressKey(address)}]
		if kind == automation.RefMailbox && !s.who.Sees(conversation.MailboxID(id)) {
			return "", false
		}
		return id, id != ""
	})
	c := check.Report{Draft: draft}
	program, wrong := automation.Compile(draft)
	c.Problems = automation.Problems(wrong, slices.Concat(unresolved, s.missing(draft), draft.Against(s.world), automation.CheckTests(draft)))
	if len(c.Problems) == 0 {
		c.Problems = refusals(draft)
	}
	if len(c.Problems) == 0 {
		c.Program = program
	}
	return c
}

// missing says which users, mailboxes and endpoints of a draft do not exist for
// who writes it, and which mailboxes they may not act on by a workflow.
func (s *surroundings) missing(d automation.Definition) []errs.Problem {
	var bad []errs.Problem
	for _, r := range d.References() {
		if message := s.missingOne(r); message != "" {
			bad = append(bad, errs.Problem{Path: r.Path, Message: message})
		}
	}
	return bad
}

func (s *surroundings) missingOne(r automation.Reference) string {
	_, known := s.known[reference{r.Kind, r.ID}]
	switch {
	case r.Kind == automation.RefEndpoint:
		if !s.endpoints[conversation.EndpointKey(r.ID)] {
			return "there is no such " + r.Kind + " of this mailbox or of the installation"
		}
	case r.Kind != automation.RefUser && r.Kind != automation.RefMailbox:
	case strings.Contains(r.ID, "@"): // Resolve has told of it
	case !known:
		return "there is no such " + r.Kind
	case r.Kind == automation.RefMailbox:
		switch errs.KindOf(s.who.In(access.ManageWorkflow, conversation.MailboxID(r.ID))) {
		case errs.Forbidden:
			return "you may not manage workflows of this mailbox"
		case errs.NotFound:
			return "there is no such " + r.Kind
		}
	}
	return ""
}

// address returns the address of a user, or of a mailbox that the caller sees;
// empty when there is none.
func (s *surroundings) address(kind, id string) string {
	if kind == automation.RefMailbox && !s.who.Sees(conversation.MailboxID(id)) {
		return ""
	}
	return s.known[reference{kind, id}]
}
