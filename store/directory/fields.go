package directory

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
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
	"github.com/smarticks/smarticks/store/rules"
)

const noSuchField = "there is no such field"

// Fields lists the custom fields of a mailbox, the oldest first.
//
// Errors: errs.NotFound (no such mailbox, or not the caller's to see).
func (s *Store) Fields(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]conversation.Field, error) {
	const op = "store.Fields"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]conversation.Field, error) {
		if err := who.In(access.ReadMailbox, mailbox); err != nil {
			return nil, err
		}
		if err := rules.MailboxExists(ctx, tx, op, mailbox, ""); err != nil {
			return nil, err
		}
		return tables.ReadFields(ctx, tx, mailbox)
	})
}

// Field returns a custom field.
//
// Errors: errs.NotFound (none, or not the caller's to see).
func (s *Store) Field(ctx context.Context, who access.Caller, id conversation.FieldID) (conversation.Field, error) {
	const op = "store.Field"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Field, error) {
		return readField(ctx, tx, op, who, access.ReadMailbox, id, "")
	})
}

func readField(ctx context.Context, tx pgx.Tx, op string, who access.Caller, verb access.Verb, id conversation.FieldID,
	lock string) (conversation.Field, error) {
	if !pg.IsID(id) {
		return conversation.Field{}, errs.New(op, errs.NotFound, noSuchField)
	}
	f, err := tables.ScanField(tx.QueryRow(ctx, `SELECT `+tables.FieldColumns+` FROM fields f WHERE f.id = $1 `+lock, id))
	if err != nil {
		return conversation.Field{}, pg.NotFound(op, noSuchField, err)
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
func (s *Store) CreateField(ctx context.Context, who access.Caller, ask conversation.Field) (conversation.Field, error) {
	const op = "store.CreateField"
	if err := cleanField(op, &ask); err != nil {
		return ask, err
	}
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Field, error) {
		f := ask
		if err := who.In(access.ManageMailbox, f.MailboxID); err != nil {
			return f, err
		}
		if err := rules.MailboxExists(ctx, tx, op, f.MailboxID, "FOR NO KEY UPDATE"); err != nil {
			return f, err
		}
		var err error
		if f.CreatedAt, err = s.db.Now(ctx, tx); err != nil {
			return f, err
		}
		f.ID, f.Revision = conversation.FieldID(pg.NewID()), 1
		first, err := pg.Once(ctx, tx, who, string(f.ID), f.CreatedAt)
		if err != nil {
			return f, err
		}
		if first != "" {
			return readField(ctx, tx, op, who, access.ManageMailbox, conversation.FieldID(first), "")
		}
		tag, err := tx.Exec(ctx, `INSERT INTO fields (id, mailbox_id, name, name_key, label, type, options, created_at)
			SELECT @id, @mailbox_id, @name, @name_key, @label, @type, @options, @created_at
			WHERE (SELECT count(*) FROM fields WHERE mailbox_id = @mailbox_id) < @most`, pgx.NamedArgs{
			"id":         f.ID,
			"mailbox_id": f.MailboxID,
			"name":       f.Name,
			"name_key":   match.Fold(f.Name),
			"label":      f.Label,
			"type":       f.Type,
			"options":    pg.List(f.Options),
			"created_at": f.CreatedAt,
			"most":       conversation.MaxFields,
		})
		if err != nil {
			return f, err
		}
		if tag.RowsAffected() == 0 {
			return f, errs.New(op, errs.Conflict, fmt.Sprintf("a mailbox has at most %d fields", conversation.MaxFields))
		}
		return f, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         f.CreatedAt,
			By:         pg.By(who),
			Verb:       "created",
			ObjectKind: "field",
			ObjectID:   string(f.ID),
			Mailbox:    f.MailboxID,
			After:      auditField(f),
		})
	})
}

// ChangeField changes the label, or adds options: one that is there stays, since
// conversations and workflows may have it.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Invalid (with
// problems), errs.Stale.
func (s *Store) ChangeField(ctx context.Context, who access.Caller, id conversation.FieldID,
	ch conversation.FieldChange) (conversation.Field, error) {
	const op = "store.ChangeField"
	return pg.InTx(ctx, s.db, op, func(tx pgx.Tx) (conversation.Field, error) {
		f, err := readField(ctx, tx, op, who, access.ManageMailbox, id, "FOR NO KEY UPDATE")
		if err != nil {
			return f, err
		}
		if err := pg.MatchRevision(ctx, tx, who, "field", string(id), f.Revision); err != nil {
			return f, err
		}
		before := f
		pg.Set(&f.Label, ch.Label)
		pg.Set(&f.Options, ch.Options)
		if err := cleanField(op, &f); err != nil {
			return f, err
		}
		var p pg.Problems
		for _, o := range before.Options {
			if !slices.Contains(f.Options, o) {
				p.Add("options", "the option "+o+" cannot be taken away: conversations may have it")
			}
		}
		if err := p.Err(op); err != nil {
			return f, err
		}
		if err := tx.QueryRow(ctx, `UPDATE fields SET label = $2, options = $3 WHERE id = $1 RETURNING revision`, f.ID, f.Label,
			pg.List(f.Options)).Scan(&f.Revision); err != nil {
			return f, err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return f, err
		}
		return f, pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "changed",
			ObjectKind: "field",
			ObjectID:   string(f.ID),
			Mailbox:    f.MailboxID,
			Before:     auditField(before),
			After:      auditField(f),
		})
	})
}

// DeleteField deletes a field. The values that conversations have of it stay, out
// of sight.
//
// Errors: errs.NotFound (none, or not the caller's to see), errs.Conflict
// (workflows name it; the message says which), errs.Stale.
func (s *Store) DeleteField(ctx context.Context, who access.Caller, id conversation.FieldID) error {
	const op = "store.DeleteField"
	return s.db.InTx(ctx, op, func(tx pgx.Tx) error {
		f, err := readField(ctx, tx, op, who, access.ManageMailbox, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		if err := pg.MatchRevision(ctx, tx, who, "field", string(id), f.Revision); err != nil {
			return err
		}
		// Whoever writes a workflow of the mailbox holds its row: none that names
		// the field can come meanwhile.
		if err := rules.MailboxExists(ctx, tx, op, f.MailboxID, "FOR NO KEY UPDATE"); err != nil {
			return err
		}
		if err := notNamed(ctx, tx, op, f.MailboxID, automation.RefField, f.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM fields WHERE id = $1`, f.ID); err != nil {
			return err
		}
		now, err := s.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return pg.InsertAudit(ctx, tx, pg.AuditEntry{
			At:         now,
			By:         pg.By(who),
			Verb:       "deleted",
			ObjectKind: "field",
			ObjectID:   string(f.ID),
			Mailbox:    f.MailboxID,
			Before:     auditField(f),
		})
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
			d, err := tables.DecodeBody(raw)
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
	var p pg.Problems
	f.Name = strings.TrimSpace(f.Name)
	if problem := conversation.CheckFieldName(f.Name); problem != "" {
		p.Add("name", problem)
	}
	f.Label = p.Line("label", f.Label, 0, conversation.MaxFieldLabel)
	switch {
	case !slices.Contains(conversation.FieldTypes, f.Type):
		p.Add("type", "this is no type of field")
	case f.Type != conversation.FieldDropdown && len(f.Options) > 0:
		p.Add("options", "only a dropdown has options")
	case f.Type == conversation.FieldDropdown && (len(f.Options) == 0 || len(f.Options) > conversation.MaxFieldOptions):
		p.Add("options", fmt.Sprintf("a dropdown needs 1 to %d options", conversation.MaxFieldOptions))
	}
	seen := map[string]bool{}
	options := make([]string, len(f.Options))
	for i, o := range f.Options {
		options[i] = p.Line(pg.At("options", i), o, 1, conversation.MaxFieldText)
		if key := match.Fold(options[i]); seen[key] {
			p.Add(pg.At("options", i), "this option is there twice")
		} else {
			seen[key] = true
		}
	}
	f.Options = options
	return p.Err(op)
}

// auditField is what the audit keeps of a field.
func auditField(f conversation.Field) map[string]any {
	return map[string]any{"mailbox_id": f.MailboxID, "name": f.Name, "label": f.Label, "type": f.Type, "options": f.Options}
}
