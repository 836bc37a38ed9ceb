package inbox

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/directory"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// Conversations lists what the caller may read and the filter lets through, in its
// order.
//
// Errors: errs.Invalid (a custom field that the mailbox does not have, or a value
// that it does not take), errs.Unavailable.
func (s *Store) Conversations(ctx context.Context, who access.Caller, f conversation.Filter,
	page conversation.Page) ([]conversation.Record, error) {
	const op = "store.Conversations"
	return pg.ReadTx(ctx, s.db, op, func(tx pgx.Tx) ([]conversation.Record, error) {
		var out []conversation.Record
		l, err := newListing(ctx, tx, op, who, f)
		if err != nil || l == nil {
			return out, err
		}
		if f.Words != "" {
			err := l.search(ctx, tx, who, f, page, &out)
			return out, err
		}
		l.after(page)
		err = l.query(ctx, tx, l.records(l.found(page.Limit)), &out)
		return out, err
	})
}

// query reads records. It is planned each time, with what is asked for: whether a status
// is rare decides by which index.
func (l *listing) query(ctx context.Context, tx pgx.Tx, sql string, out *[]conversation.Record) error {
	rows, err := tx.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, l.args...)...)
	if err == nil {
		*out, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (conversation.Record, error) { return tables.ScanRecord(r) })
	}
	return err
}

// order is how a sort is written: its column and its direction.
type order struct{ column, direction, beyond string }

var orders = map[conversation.Sort]order{
	conversation.SortCreated: {"created_at", "DESC", "<"},
	conversation.SortUpdated: {"updated_at", "DESC", "<"},
	conversation.SortWaiting: {"waiting_since", "ASC", ">"},
}

// listing is a list of conversations while it is written: its conditions on the
// conversation c and the customer cu, with their arguments.
type listing struct {
	order
	// mailboxes is a query of ids, of whose conversations the first are taken; empty:
	// the conditions say of which.
	mailboxes string
	// few: what it narrows to is so little that it is found as a whole and sorted.
	few        bool
	conditions []string
	args       []any
}

// and adds a condition; every value is an argument, ? in the condition.
func (l *listing) and(condition string, values ...any) {
	for _, v := range values {
		condition = strings.Replace(condition, "?", l.arg(v), 1)
	}
	l.conditions = append(l.conditions, condition)
}

func (l *listing) arg(v any) string {
	l.args = append(l.args, v)
	return "$" + strconv.Itoa(len(l.args))
}

// literal adds a condition on one of our own words, which stands in the statement
// itself: a partial index is found by it.
func (l *listing) literal(column, word string) {
	l.conditions = append(l.conditions, column+" = '"+strings.ReplaceAll(word, "'", "''")+"'")
}

// newListing writes the filter. Nil: nothing fits it.
func newListing(ctx context.Context, tx pgx.Tx, op string, who access.Caller, f conversation.Filter) (*listing, error) {
	l := &listing{order: orders[conversation.SortCreated], conditions: []string{"c.erased_at IS NULL"}}
	if o, ok := orders[f.Sort]; ok {
		l.order = o
	}
	if f.FolderID != "" {
		if there, err := l.folder(ctx, tx, op, who, &f); err != nil || !there {
			return nil, err
		}
	}
	if f.MailboxID != "" && !who.Sees(f.MailboxID) {
		return nil, nil
	}
	l.ofConversation(f)
	if err := l.fields(ctx, tx, op, f); err != nil {
		return nil, err
	}
	l.scope(who, f.MailboxID)
	return l, nil
}

// scope narrows to a mailbox, or to those of the caller.
func (l *listing) scope(who access.Caller, mailbox conversation.MailboxID) {
	switch {
	case mailbox != "":
		l.and("c.mailbox_id = ?", mailbox)
	case l.few && !who.All():
		l.and("c.mailbox_id = ANY(?::uuid[])", pg.MailboxIDs(who))
	case l.few:
	case who.All():
		l.mailboxes = "SELECT id FROM mailboxes"
	default:
		l.mailboxes = "SELECT unnest(" + l.arg(pg.MailboxIDs(who)) + "::uuid[]) AS id"
	}
}

func (l *listing) ofConversation(f conversation.Filter) {
	if f.State != "" {
		l.literal("c.state", string(f.State))
	} else {
		l.conditions = append(l.conditions, "c.state <> 'deleted'")
	}
	if f.Status != "" {
		l.literal("c.status", string(f.Status))
	}
	if f.AssigneeID != "" {
		l.and("c.assignee_id = ?", f.AssigneeID)
	}
	if f.Unassigned {
		l.and("c.assignee_id IS NULL")
	}
	if f.Tag != "" {
		l.and("c.tags @> ARRAY[?::text]", conversation.CleanTag(f.Tag))
	}
	if f.Email != "" {
		l.and("c.customer_id = (SELECT customer_id FROM customer_emails WHERE email_key = ?)", conversation.AddressKey(f.Email))
	}
	if f.CustomerID != "" {
		l.and("c.customer_id = ?", f.CustomerID)
	}
	l.few = f.Email != "" || f.CustomerID != "" || f.Number != 0 || f.Attention != nil && *f.Attention
	if f.Number != 0 {
		l.and("c.number = ?", f.Number)
	}
	if f.Attention != nil {
		l.and(map[bool]string{true: "c.attention <> ''", false: "c.attention = ''"}[*f.Attention])
	}
	if !f.CreatedFrom.IsZero() {
		l.and("c.created_at >= ?", f.CreatedFrom)
	}
	if !f.CreatedBefore.IsZero() {
		l.and("c.created_at < ?", f.CreatedBefore)
	}
	if !f.UpdatedFrom.IsZero() {
		l.and("c.updated_at >= ?", f.UpdatedFrom)
	}
	if !f.UpdatedBefore.IsZero() {
		l.and("c.updated_at < ?", f.UpdatedBefore)
	}
	if f.Sort == conversation.SortWaiting {
		l.and("c.waiting_since IS NOT NULL")
	}
}

// folder narrows to a folder that the caller sees, by what it is made of.
func (l *listing) folder(ctx context.Context, tx pgx.Tx, op string, who access.Caller, f *conversation.Filter) (there bool, err error) {
	folder, err := readFolderRow(ctx, tx, op, f.FolderID)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	if err != nil || !who.Sees(folder.MailboxID) || f.MailboxID != "" && f.MailboxID != folder.MailboxID {
		return false, err
	}
	f.MailboxID = folder.MailboxID
	l.literal("c.state", string(conversation.StatePublished))
	if len(folder.Statuses) > 0 {
		l.and("c.status = ANY(?)", folder.Statuses)
	}
	if len(folder.Tags) > 0 {
		l.and("c.tags && ?::text[]", folder.Tags)
	}
	switch folder.Assignee {
	case "":
	case conversation.FolderUnassigned:
		l.and("c.assignee_id IS NULL")
	default:
		l.and("c.assignee_id = ?", folder.Assignee)
	}
	return true, nil
}

// readFolderRow reads a folder without counting what is in it.
func readFolderRow(ctx context.Context, tx pgx.Tx, op string, id conversation.FolderID) (conversation.Folder, error) {
	f := conversation.Folder{ID: id}
	var statuses []string
	err := tx.QueryRow(ctx, `SELECT mailbox_id, status, tags, assignee FROM folders WHERE id = $1`, id).Scan(&f.MailboxID, &statuses,
		&f.Tags, &f.Assignee)
	for _, s := range statuses {
		f.Statuses = append(f.Statuses, conversation.Status(s))
	}
	return f, pg.NotFound(op, directory.NoSuchFolder, err)
}

// fields narrows to values of custom fields as they are kept.
func (l *listing) fields(ctx context.Context, tx pgx.Tx, op string, f conversation.Filter) error {
	if len(f.Fields) == 0 {
		return nil
	}
	known, err := tables.ReadFields(ctx, tx, f.MailboxID)
	if err != nil {
		return err
	}
	values := map[string]string{}
	for name, value := range f.Fields {
		field, ok := conversation.FindField(known, name)
		if !ok {
			return errs.New(op, errs.Invalid, "the mailbox has no field of the name that the query gives")
		}
		clean, problem := field.CleanValue(value)
		if problem != "" || clean == "" {
			return errs.New(op, errs.Invalid, "the field "+field.Name+" cannot have this value: "+strings.TrimSpace(problem))
		}
		values[field.Name] = clean
	}
	l.and("c.fields <> '{}' AND c.fields @> ?::jsonb", values)
	return nil
}

// after begins the list after the last one of the page before.
func (l *listing) after(page conversation.Page) {
	if page.After != "" {
		l.and("(c."+l.column+", c.id) "+l.beyond+" (?, ?)", page.AfterAt, page.After)
	}
}

// found finds the ids of a page, and where each stands in the order, by an index of the
// order; of several mailboxes it takes as many of each, and of these the first.
func (l *listing) found(limit int) string {
	end := " LIMIT " + strconv.Itoa(limit)
	found := `SELECT c.id, c.` + l.column + ` FROM conversations c WHERE ` + strings.Join(l.conditions, " AND ")
	if l.mailboxes == "" {
		return found + l.by("c") + end
	}
	return `SELECT p.id, p.` + l.column + ` FROM (` + l.mailboxes + `) mb CROSS JOIN LATERAL (` +
		found + ` AND c.mailbox_id = mb.id` + l.by("c") + end + `) p` + l.by("p") + end
}

// by is the order, of a table.
func (l *listing) by(alias string) string {
	return " ORDER BY " + alias + "." + l.column + " " + l.direction + ", " + alias + ".id " + l.direction
}

// records reads in full what was found, which is all that is shown.
func (l *listing) records(found string) string {
	return `SELECT ` + tables.RecordColumns + ` FROM (` + found +
		`) found JOIN conversations c ON c.id = found.id JOIN customers cu ON cu.id = c.customer_id` + l.by("c")
}
