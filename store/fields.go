package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

const fieldColumns = `f.id, f.mailbox_id, f.name, f.label, f.type, f.options, f.created_at, f.revision`

const noSuchField = "there is no such field"

func scanField(row pgx.Row) (conversation.Field, error) {
	var f conversation.Field
	err := row.Scan(&f.ID, &f.MailboxID, &f.Name, &f.Label, &f.Type, &f.Options, &f.CreatedAt, &f.Revision)
	return f, err
}

func readFields(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID) ([]conversation.Field, error) {
	rows, err := tx.Query(ctx, `SELECT `+fieldColumns+` FROM fields f WHERE f.mailbox_id = $1 ORDER BY f.id`, mailbox)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Field, error) { return scanField(r) })
}

// Fields lists the custom fields of a mailbox, the oldest first.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see).
func (s *Store) Fields(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]conversation.Field, error) {
	const op = "store.Fields"
	var list []conversation.Field
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		if err := who.In(access.ReadMailbox, mailbox); err != nil {
			return err
		}
		if err := mailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return err
		}
		var err error
		list, err = readFields(ctx, tx, mailbox)
		return err
	})
	return list, err
}

// Field returns a custom field.
//
// Errors: errs.NotFound (none, or not the caller's to see).
func (s *Store) Field(ctx context.Context, who access.Caller, id conversation.FieldID) (conversation.Field, error) {
	const op = "store.Field"
	var f conversation.Field
	err := s.db.readTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		f, err = readField(ctx, tx, op, who, access.ReadMailbox, id, "")
		return err
	})
	return f, err
}

func readField(ctx context.Context, tx pgx.Tx, op string, who access.Caller, verb access.Verb, id conversation.FieldID, lock string) (conversation.Field, error) {
	if !isID(id) {
		return conversation.Field{}, errs.New(op, errs.NotFound, noSuchField)
	}
	f, err := scanField(tx.QueryRow(ctx, `SELECT `+fieldColumns+` FROM fields f WHERE f.id = $1 `+lock, id))
	if err != nil {
		return conversation.Field{}, notFound(op, noSuchField, err)
	}
	if !who.Sees(f.MailboxID) {
		return conversation.Field{}, errs.New(op, errs.NotFound, noSuchField)
	}
	return f, who.In(verb, f.MailboxID)
}

// CreateField makes a custom field. The repeat of a request with a key returns the
// field of the first.
//
// Errors: errs.NotFound (no such mailbox), errs.Invalid (with problems),
// errs.Conflict (the name is taken, or the mailbox has too many).
func (s *Store) CreateField(ctx context.Context, who access.Caller, f conversation.Field) (conversation.Field, error) {
	const op = "store.CreateField"
	if err := cleanField(op, &f); err != nil {
		return f, err
	}
	err := s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		if err := who.In(access.ManageMailbox, f.MailboxID); err != nil {
			return err
		}
		if err := mailboxExists(ctx, tx, op, f.MailboxID, "FOR NO KEY UPDATE"); err != nil {
			return err
		}
		var err error
		if f.CreatedAt, err = s.db.now(ctx, tx); err != nil {
			return err
		}
		f.ID, f.Revision = conversation.FieldID(NewID()), 1
		first, err := once(ctx, tx, who, string(f.ID), f.CreatedAt)
		if err != nil {
			return err
		}
		if first != "" {
			f, err = readField(ctx, tx, op, who, access.ManageMailbox, conversation.FieldID(first), "")
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO fields (id, mailbox_id, name, name_key, label, type, options, created_at)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE (SELECT count(*) FROM fields WHERE mailbox_id = $2) < $9`,
			f.ID, f.MailboxID, f.Name, match.Fold(f.Name), f.Label, f.Type, list(f.Options), f.CreatedAt, conversation.MaxFields)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errs.New(op, errs.Conflict, fmt.Sprintf("a mailbox has at most %d fields", conversation.MaxFields))
		}
		return insertAudit(ctx, tx, auditEntry{f.CreatedAt, by(who), "created", "field", string(f.ID), f.MailboxID, nil, auditField(f)})
	})
	return f, classify(op, err)
}

// ChangeField changes the label, or adds options: one that is there stays, since
// conversations and workflows may have it.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Invalid (with
// problems), errs.Stale.
func (s *Store) ChangeField(ctx context.Context, who access.Caller, id conversation.FieldID, ch conversation.FieldChange) (conversation.Field, error) {
	const op = "store.ChangeField"
	var f conversation.Field
	err := s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		var err error
		if f, err = readField(ctx, tx, op, who, access.ManageMailbox, id, "FOR NO KEY UPDATE"); err != nil {
			return err
		}
		if err := matchRevision(ctx, tx, who, "field", string(id), f.Revision); err != nil {
			return err
		}
		before := f
		set(&f.Label, ch.Label)
		set(&f.Options, ch.Options)
		if err := cleanField(op, &f); err != nil {
			return err
		}
		var p problems
		for _, o := range before.Options {
			if !slices.Contains(f.Options, o) {
				p.add("options", "the option "+o+" cannot be taken away: conversations may have it")
			}
		}
		if err := p.err(op); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `UPDATE fields SET label = $2, options = $3 WHERE id = $1 RETURNING revision`, f.ID, f.Label, list(f.Options)).Scan(&f.Revision); err != nil {
			return err
		}
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, auditEntry{now, by(who), "changed", "field", string(f.ID), f.MailboxID, auditField(before), auditField(f)})
	})
	return f, err
}

// DeleteField deletes a field. The values that conversations have of it stay, out
// of sight.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Conflict
// (workflows name it; the message says which), errs.Stale.
func (s *Store) DeleteField(ctx context.Context, who access.Caller, id conversation.FieldID) error {
	const op = "store.DeleteField"
	return s.db.inTx(ctx, op, func(tx pgx.Tx) error {
		f, err := readField(ctx, tx, op, who, access.ManageMailbox, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		if err := matchRevision(ctx, tx, who, "field", string(id), f.Revision); err != nil {
			return err
		}
		// Whoever writes a workflow of the mailbox holds its row: none that names
		// the field can come meanwhile.
		if err := mailboxExists(ctx, tx, op, f.MailboxID, "FOR NO KEY UPDATE"); err != nil {
			return err
		}
		if err := notNamed(ctx, tx, op, f.MailboxID, automation.RefField, f.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM fields WHERE id = $1`, f.ID); err != nil {
			return err
		}
		now, err := s.db.now(ctx, tx)
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, auditEntry{now, by(who), "deleted", "field", string(f.ID), f.MailboxID, auditField(f), nil})
	})
}

// notNamed refuses when a draft of the mailbox or a version in force names what is
// to be deleted.
func notNamed(ctx context.Context, tx pgx.Tx, op string, mailbox conversation.MailboxID, kind string, names ...string) error {
	rows, err := tx.Query(ctx, `SELECT f.name, f.draft, v.body FROM definitions f LEFT JOIN versions v ON v.id = f.version_id
		WHERE f.mailbox_id = $1 AND f.deleted_at IS NULL ORDER BY f.position, f.id`, mailbox)
	if err != nil {
		return err
	}
	var name string
	var draft, body []byte
	var users []string
	_, err = pgx.ForEachRow(rows, []any{&name, &draft, &body}, func() error {
		for _, raw := range [][]byte{draft, body} {
			if raw == nil {
				continue
			}
			d, err := decodeBody(raw)
			if err == nil && slices.ContainsFunc(d.References(), func(r automation.Reference) bool {
				return r.Kind == kind && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, r.ID) })
			}) {
				users = append(users, name)
				break
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return errs.New(op, errs.Conflict, "workflows name it: "+strings.Join(users, ", "))
	}
	return nil
}

func cleanField(op string, f *conversation.Field) error {
	var p problems
	f.Name = strings.TrimSpace(f.Name)
	if problem := conversation.CheckFieldName(f.Name); problem != "" {
		p.add("name", problem)
	}
	f.Label = p.line("label", f.Label, 0, conversation.MaxFieldLabel)
	switch {
	case !slices.Contains(conversation.FieldTypes, f.Type):
		p.add("type", "this is no type of field")
	case f.Type != conversation.FieldDropdown && len(f.Options) > 0:
		p.add("options", "only a dropdown has options")
	case f.Type == conversation.FieldDropdown && (len(f.Options) == 0 || len(f.Options) > conversation.MaxFieldOptions):
		p.add("options", fmt.Sprintf("a dropdown needs 1 to %d options", conversation.MaxFieldOptions))
	}
	seen := map[string]bool{}
	options := make([]string, len(f.Options))
	for i, o := range f.Options {
		options[i] = p.line(at("options", i), o, 1, conversation.MaxFieldText)
		if key := match.Fold(options[i]); seen[key] {
			p.add(at("options", i), "this option is there twice")
		} else {
			seen[key] = true
		}
	}
	f.Options = options
	return p.err(op)
}

// auditField is what the audit keeps of a field.
func auditField(f conversation.Field) map[string]any {
	return map[string]any{"mailbox_id": f.MailboxID, "name": f.Name, "label": f.Label, "type": f.Type, "options": f.Options}
}
